import FakeServers
import Foundation
import Generation
import Images
import Providers
import Testing

@Suite(.serialized) struct OctoAIWireTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let change: @Sendable (inout GenerationRequest) -> Void
        let value: WireJSON
        var testDescription: String { name }

        init(
            _ name: String, _ value: WireJSON,
            _ change: @escaping @Sendable (inout GenerationRequest) -> Void = { _ in }
        ) {
            self.name = name
            self.change = change
            self.value = value
        }
    }

    static let rows: [Row] = [
        Row("prompt", "a lighthouse"),
        Row("prompt_2", "oil paint") { $0.prompt2 = "oil paint" },
        Row("negative_prompt", "fog") { $0.negativePrompt = "fog" },
        Row("negative_prompt_2", "blur") { $0.negativePrompt2 = "blur" },
        Row("cfg_scale", 0.5) { $0.guidanceScale = 0.5 },
        Row("steps", 200) { $0.steps = 200 },
        Row("seed", 4_294_967_295) { $0.seeds = [4_294_967_295] },
        Row("seed", [9, 3, 5]) { $0.seeds = [9, 3, 5] },
        Row("num_images", 3) { $0.seeds = [9, 3, 5] },
        Row("width", 1152) { ($0.width, $0.height) = (1152, 896) },
        Row("height", 1536) { ($0.width, $0.height) = (640, 1536) },
        Row("image_encoding", "png"),
        Row("image_encoding", "jpeg") { $0.extras["image_encoding"] = "jpeg" },
        Row("style_preset", "Pokémon") { $0.extras["style_preset"] = "Pokémon" },
        Row("style_preset", "Food Photography") {
            $0.extras["style_preset"] = "Food Photography"
        },
        Row("use_refiner", true) { $0.refiner = "on" },
        Row("use_refiner", false) { $0.refiner = "off" },
        Row("high_noise_frac", 0.8) { $0.refiner = "on" },
        Row("high_noise_frac", 0.7) { $0.highNoiseFraction = 0.7 },
        Row("clip_skip", 1) { $0.clipSkip = 1 },
        Row("checkpoint", "octoai:lightning_sdxl") { $0.model = "octoai:lightning_sdxl" },
        Row("vae", "octoai:vae") { $0.vae = "octoai:vae" },
        Row("loras", ["octoai:fog": 0.8, "octoai:sea": 1]) {
            $0.loras = [
                .init(name: "octoai:fog", weight: 0.8), .init(name: "octoai:sea", weight: 1),
            ]
        },
        Row("textual_inversions", ["octoai:neg": "BadDream"]) {
            $0.embeddings = [.init(token: "BadDream", path: "octoai:neg")]
        },
        Row("inpaint_full_res", true) { $0.extras["inpaint_full_res"] = "true" },
        Row("inpaint_full_res_padding", 32) { $0.extras["inpaint_full_res_padding"] = "32" },
        Row("log_prompt", false) { $0.extras["log_prompt"] = "false" },
        Row("ip_adapter_mode", "base") { $0.extras["ip_adapter_mode"] = "base" },
    ]

    @Test(arguments: rows) func everyFieldStandsOnTheWire(row: Row) async throws {
        let body = try await body(row.change)
        #expect(body[row.name] == row.value)
    }

    /// The body of a call that succeeds and breaks no rule.
    private func body(
        _ change: (inout GenerationRequest) -> Void
    ) async throws -> WireJSON {
        let fake = try await FakeOctoAI.start()
        let run = try await RemoteRun.run(fake, change)
        #expect(run.error == nil)
        #expect(!run.images.isEmpty)
        #expect(fake.server.violations == [])
        let call = try #require(fake.server.requests("POST /generate/sdxl").first)
        #expect(call.value(of: "Authorization") == "Bearer \(fake.key ?? "")")
        await fake.stop()
        return try #require(call.json)
    }

    @Test func everySamplerHasItsName() async throws {
        let names: [(String, Sampler, Schedule)] = [
            ("PNDM", .pndm, .default), ("LMS", .lms, .default), ("KLMS", .lms, .karras),
            ("DDIM", .ddim, .default), ("DDPM", .ddpm, .default), ("HEUN", .heun, .default),
            ("K_HEUN", .heun, .karras), ("K_EULER", .euler, .default),
            ("K_EULER_ANCESTRAL", .eulerAncestral, .default),
            ("DPM_SOLVER_MULTISTEP", .dpmpp2m, .default),
            ("DPM_PLUS_PLUS_2M_KARRAS", .dpmpp2m, .karras),
            ("DPM_PLUS_PLUS_2M_SDE", .dpmpp2mSDE, .default),
            ("DPM_PLUS_PLUS_2M_SDE_KARRAS", .dpmpp2mSDE, .karras),
            ("DPM_SINGLE", .dpmpp2sAncestral, .default), ("DPM_2", .dpm2, .default),
            ("DPM_2_KARRAS", .dpm2, .karras), ("DPM_2_ANCESTRAL", .dpm2Ancestral, .default),
            ("DPM_2_ANCESTRAL_KARRAS", .dpm2Ancestral, .karras),
            ("DPM_PLUS_PLUS_SDE_KARRAS", .dpmppSDE, .karras), ("UNI_PC", .unipc, .default),
            ("LCM", .lcm, .default),
        ]
        let fake = try await FakeOctoAI.start()
        for (name, sampler, schedule) in names {
            let run = try await RemoteRun.run(fake) {
                ($0.sampler, $0.schedule) = (sampler, schedule)
                ($0.width, $0.height) = (1536, 640)
            }
            #expect(run.error == nil)
            #expect(fake.server.requests.last?.json?["sampler"]?.text == name)
        }
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    /// The fake has lists of its own.
    @Test func everySizeAndEveryStyleIsTaken() async throws {
        let sizes = [
            (1024, 1024), (1152, 896), (896, 1152), (1216, 832), (832, 1216), (1344, 768),
            (768, 1344), (1536, 640), (640, 1536),
        ]
        let capabilities = OctoAI().capabilities(model: nil)
        #expect(capabilities.sizes.map { [$0.width, $0.height] } == sizes.map { [$0, $1] })
        let field = try #require(capabilities.extras.first { $0.name == "style_preset" })
        guard case .choices(let styles) = field.kind else {
            Issue.record("styles are a list")
            return
        }
        #expect(styles.count == 78)
        let fake = try await FakeOctoAI.start()
        for index in 0..<styles.count {
            let run = try await RemoteRun.run(fake) {
                ($0.width, $0.height) = sizes[index % sizes.count]
                $0.extras = ["style_preset": styles[index], "image_encoding": "jpeg"]
            }
            #expect(run.error == nil)
            let body = try #require(fake.server.requests.last?.json)
            #expect(body["style_preset"]?.text == styles[index])
            #expect(body["width"]?.integer == sizes[index % sizes.count].0)
            #expect(body["height"]?.integer == sizes[index % sizes.count].1)
        }
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    /// Nobody asked for a seed: the answer's is the one that is told.
    @Test func theSeedOfTheAnswerIsTold() async throws {
        let fake = try await FakeOctoAI.start()
        let picture = FakePicture.base64(width: 8, height: 8, seed: 1)
        fake.server.inject(
            .status(
                200,
                """
                {"images": [{"image_b64": "\(picture)", "removed_for_safety": false,
                "safety_score": 0.1, "seed": 4294967295}], "prediction_time_ms": 12.5}
                """), on: "POST ")
        let run = try await RemoteRun.run(fake)
        #expect(run.images.map(\.seed) == [4_294_967_295])
        #expect(run.images.first?.isFlagged == false)
        await fake.stop()
    }

    @Test func picturesAreSentInBase64() async throws {
        let (start, mask) = (try PictureFile(seed: 1), try PictureFile(seed: 2))
        let edited = try await body {
            $0.initImage = start.path
            $0.maskImage = mask.path
            $0.strength = 0.6
        }
        #expect(edited["init_image"]?.text == start.base64)
        #expect(edited["mask_image"]?.text == mask.base64)
        #expect(edited["strength"] == 0.6)
        #expect(edited["outpainting"] == nil)
        let steered = try await body {
            var control = ControlReference(
                model: "canny_sdxl", image: start.path, scale: 0.9, end: 0.5,
                preprocessor: "canny")
            control.start = 0
            $0.controls = [control]
            $0.imagePrompts = [
                .init(
                    model: "base", image: start.path, scale: 0.7, method: .style,
                    mask: mask.path)
            ]
        }
        #expect(steered["controlnet"] == "canny_sdxl")
        #expect(steered["controlnet_image"]?.text == start.base64)
        #expect(steered["controlnet_conditioning_scale"] == 0.9)
        #expect(steered["controlnet_early_stop"] == 0.5)
        #expect(steered["controlnet_preprocess"] == true)
        #expect(steered["ip_adapter_image"]?.text == start.base64)
        #expect(steered["ip_adapter_mask_image"]?.text == mask.base64)
        #expect(steered["ip_adapter_method"] == "style")
        #expect(steered["ip_adapter_scale"] == 0.7)
    }

    @Test func transferredPicturesAreListedByWord() async throws {
        let (one, two) = (try PictureFile(seed: 1), try PictureFile(seed: 2))
        let sent = try await body {
            $0.extras["transfer_images"] =
                #"{"cat": ["\#(one.path)", "\#(two.path)"], "dog": ["\#(two.path)"]}"#
        }
        #expect(sent["transfer_images"]?["cat"] == [.string(one.base64), .string(two.base64)])
        #expect(sent["transfer_images"]?["dog"] == [.string(two.base64)])
    }

    @Test func outpaintingSendsTheEnlargedPictureAndItsMask() async throws {
        let start = try PictureFile(seed: 1, width: 16, height: 8)
        let sent = try await body {
            $0.initImage = start.path
            $0.outpaint = Outpaint(left: 4, top: 2, right: 0, bottom: 1)
        }
        #expect(sent["outpainting"] == true)
        let picture = try Self.picture(sent["init_image"])
        let mask = try Self.picture(sent["mask_image"])
        #expect((picture.width, picture.height) == (20, 11))
        #expect((mask.width, mask.height) == (20, 11))
        let inside = (2 * 20 + 4) * 3
        let color = FakePicture.color(seed: 1)
        #expect(Array(picture.rgb[inside..<inside + 3]) == [color.red, color.green, color.blue])
        #expect(mask.rgb[inside] == 0)
        #expect(mask.rgb[0] == 255)
    }

    private static func picture(_ value: WireJSON?) throws -> PixelImage {
        let data = try #require(value?.text.flatMap { Data(base64Encoded: $0) })
        return try PixelImage(decoding: Array(data))
    }

    @Test func aPictureThatWasRemovedIsAWarning() async throws {
        let fake = try await FakeOctoAI.start()
        fake.behave { $0.removed = [1] }
        let run = try await RemoteRun.run(fake) { $0.seeds = [7, 8, 9] }
        #expect(run.images.map(\.index) == [0, 2])
        #expect(run.images.map(\.seed) == [7, 9])
        #expect(run.warnings.contains { $0.contains("removed 1 of 3 for safety") })
        fake.behave { $0.removed = [0, 1, 2] }
        #expect(try await RemoteRun.run(fake) { $0.seeds = [7, 8, 9] }.kind == .withheld)
        await fake.stop()
    }
}
