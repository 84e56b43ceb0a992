import FakeServers
import Foundation
import Generation
import Providers
import Testing

@Suite struct ComfyUITests {
    private let service = ComfyUI()

    /// The nodes of the last graph, by type.
    private func nodes(_ fake: FakeComfyUI, _ index: Int = 0) throws -> [String: [WireJSON]] {
        let request = try #require(fake.server.requests("POST /prompt").dropFirst(index).first)
        var nodes: [String: [WireJSON]] = [:]
        for member in request.json?["prompt"]?.members ?? [] {
            let type = member.value["class_type"]?.text ?? ""
            nodes[type, default: []].append(member.value["inputs"] ?? .null)
        }
        return nodes
    }

    @Test func textToImageIsAValidGraphAndSeedsAreExact() async throws {
        let fake = try await FakeComfyUI.start()
        let seeds: [UInt64] = [UInt64.max, 9_007_199_254_740_993]
        var request = GenerationRequest.small("a fox", seeds: seeds)
        request.negativePrompt = "blur"
        request.guidanceScale = 5.5
        request.sampler = .unipc
        request.schedule = .sgmUniform
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        #expect(run.isFinished)
        #expect(fake.server.violations == [])
        #expect(run.images.map(\.seed) == seeds)
        for (image, seed) in zip(run.images, seeds) {
            #expect(image.image == FakePicture.image(width: 64, height: 64, seed: seed))
        }
        let sampler = try #require(try nodes(fake)["KSampler"]?.first)
        #expect(sampler["seed"]?.literal == "18446744073709551615")
        #expect(try nodes(fake, 1)["KSampler"]?.first?["seed"]?.literal == "9007199254740993")
        #expect(sampler["steps"]?.literal == "4")
        #expect(sampler["cfg"]?.literal == "5.5")
        #expect(sampler["sampler_name"]?.text == "uni_pc")
        #expect(sampler["scheduler"]?.text == "sgm_uniform")
        #expect(sampler["denoise"]?.literal == "1")
        let texts = try nodes(fake)["CLIPTextEncode"]?.compactMap { $0["text"]?.text }
        #expect(texts == ["a fox", "blur"])
        let bodies = fake.server.requests("POST /prompt").compactMap(\.json)
        #expect(Set(bodies.compactMap { $0["prompt_id"]?.text }).count == 2)
        let client = bodies[0]["client_id"]?.text
        #expect(fake.server.requests("GET /ws").first?.query["clientId"] == client)
        await fake.stop()
    }

    @Test func everyPartOfTheGraphComesFromTheRequest() async throws {
        let fake = try await FakeComfyUI.start()
        let folder = try PictureFolder()
        var request = GenerationRequest.small("a fox <lora:detail:0.3>")
        request.model = "base"
        request.vae = "sdxl_vae"
        request.prompt2 = "second"
        request.clipSkip = 1
        request.guidanceRescale = 0.7
        request.loras = [LoRAReference(name: "pixel", weight: -0.5)]
        request.loras[0].textEncoderWeight = 0.25
        request.refiner = "refiner.safetensors"
        request.highNoiseFraction = 0.5
        request.hires = HiresPass(scale: 1.5, strength: 0.4)
        var control = ControlReference(
            model: "canny", image: try folder.picture("c.png"), scale: 0.9, end: 0.8,
            preprocessor: "canny")
        control.start = 0.1
        request.controls = [control]
        request.extras = [
            "filename_prefix": "mine", "front": "true", "number": "3",
            "extra_data": #"{"note": "mine"}"#, "partial_execution_targets": #"["9"]"#,
        ]
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        #expect(run.isFinished)
        #expect(fake.server.violations == [])
        let nodes = try nodes(fake)
        #expect(
            nodes["CheckpointLoaderSimple"]?.compactMap { $0["ckpt_name"]?.text }
                == ["sdxl/base.safetensors", "refiner.safetensors"])
        #expect(nodes["VAELoader"]?.first?["vae_name"]?.text == "sdxl_vae.safetensors")
        #expect(
            nodes["LoraLoader"]?.compactMap { $0["lora_name"]?.text }
                == ["art/pixel.safetensors", "detail.safetensors"])
        #expect(nodes["LoraLoader"]?.first?["strength_model"]?.literal == "-0.5")
        #expect(nodes["LoraLoader"]?.first?["strength_clip"]?.literal == "0.25")
        #expect(nodes["CLIPSetLastLayer"]?.first?["stop_at_clip_layer"]?.literal == "-1")
        #expect(nodes["CLIPTextEncodeSDXL"]?.first?["text_l"]?.text == "a fox ")
        #expect(nodes["CLIPTextEncodeSDXL"]?.first?["text_g"]?.text == "second")
        #expect(nodes["RescaleCFG"]?.first?["multiplier"]?.literal == "0.7")
        let samplers = try #require(nodes["KSamplerAdvanced"])
        #expect(samplers.map { $0["start_at_step"]?.literal } == ["0", "2"])
        #expect(samplers.map { $0["end_at_step"]?.literal } == ["2", "10000"])
        #expect(nodes["CLIPTextEncodeSDXLRefiner"]?.count == 2)
        #expect(nodes["LatentUpscaleBy"]?.first?["scale_by"]?.literal == "1.5")
        #expect(nodes["KSampler"]?.first?["denoise"]?.literal == "0.4")
        #expect(nodes["Canny"]?.count == 1)
        let applied = nodes["ControlNetApplyAdvanced"]?.first
        #expect(applied?["strength"]?.literal == "0.9")
        #expect(applied?["start_percent"]?.literal == "0.1")
        #expect(applied?["end_percent"]?.literal == "0.8")
        #expect(nodes["SaveImage"]?.first?["filename_prefix"]?.text == "mine")
        let body = fake.server.requests("POST /prompt").first?.json
        #expect(body?["front"]?.truth == true)
        #expect(body?["number"]?.literal == "3")
        #expect(body?["extra_data"] == ["note": "mine"])
        #expect(body?["partial_execution_targets"] == ["9"])
        await fake.stop()
    }

    @Test func picturesAreUploadedAndUsedUnderTheServersName() async throws {
        let fake = try await FakeComfyUI.start()
        let folder = try PictureFolder()
        var request = GenerationRequest.small()
        request.initImage = try folder.picture("a \"b\" ä.png", seed: 21)
        request.strength = 0.6
        var run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.isFinished)
        let name = try #require(try nodes(fake)["LoadImage"]?.first?["image"]?.text)
        #expect(name.hasPrefix("latent/stored-"))
        #expect(fake.uploaded(name) == FakePicture.bytes(width: 64, height: 64, seed: 21))
        let form = try #require(
            fake.server.requests("POST /upload/image").first.flatMap { WireForm($0) })
        #expect(form.parts.map(\.name) == ["image", "type", "subfolder", "overwrite"])
        #expect(form["image"]?.type == "image/png")
        #expect(form["type"]?.text == "input")
        #expect(form["subfolder"]?.text == "latent")
        #expect(form["overwrite"]?.text == "true")
        #expect(try nodes(fake)["KSampler"]?.first?["denoise"]?.literal == "0.6")
        #expect(try nodes(fake)["VAEEncode"]?.count == 1)

        request.maskImage = try folder.picture("mask.png", seed: 22)
        run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.isFinished)
        #expect(try nodes(fake, 1)["SetLatentNoiseMask"]?.count == 1)
        #expect(try nodes(fake, 1)["LoadImageMask"]?.first?["channel"]?.text == "red")

        request.strength = 1
        run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.isFinished)
        #expect(try nodes(fake, 2)["VAEEncodeForInpaint"]?.count == 1)

        request.maskImage = nil
        request.outpaint = Outpaint(left: 8, top: 0, right: 16, bottom: 0)
        run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.isFinished)
        #expect(try nodes(fake, 3)["ImageScale"]?.first?["width"]?.literal == "40")
        #expect(try nodes(fake, 3)["ImagePadForOutpaint"]?.first?["right"]?.literal == "16")
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test(arguments: [false, true])
    func progressAndPreviewsComeOverTheSocket(areNamed: Bool) async throws {
        let fake = try await FakeComfyUI.start()
        fake.behave {
            $0.namesPreviews = areNamed
            $0.pace = .milliseconds(400)
        }
        // A question about the history may find the end before the last message has been read.
        let run = try await ServerRun.run(
            .small(seeds: [1, 2]), service, at: fake.baseURL, pollInterval: .seconds(10),
            options: ExecutionOptions(wantsPreviews: true))
        #expect(run.isFinished)
        #expect(run.stages.contains(.sampling(step: 4, count: 4, image: 0, imageCount: 2)))
        #expect(run.stages.contains(.sampling(step: 1, count: 4, image: 1, imageCount: 2)))
        #expect(run.previews.count >= 4)
        #expect(run.previews.first?.image.width == 16)
        await fake.stop()
    }

    /// Jobs that follow each other closely ask for the nodes once; others are told anew.
    @Test func nodesAreAskedForOncePerMoment() async throws {
        let fake = try await FakeComfyUI.start()
        let generator = try ServerRun.generator(service, at: fake.baseURL)
        for _ in 0..<3 {
            for try await _ in generator.generate(.small(), options: ExecutionOptions()) {}
        }
        #expect(fake.server.requests("GET /object_info/KSampler").count == 1)
        #expect(fake.server.requests("POST /prompt").count == 3)
        let other = try ServerRun.generator(service, at: fake.baseURL)
        for try await _ in other.generate(.small(), options: ExecutionOptions()) {}
        #expect(fake.server.requests("GET /object_info/KSampler").count == 2)
        await fake.stop()
    }

    /// A server that is faster than anybody looks: the last of each kind is told, in order.
    @Test func stepsThatComeFasterThanAnybodyLooksAreToldTogether() async throws {
        let fake = try await FakeComfyUI.start()
        fake.behave { $0.pace = .microseconds(200) }
        var request = GenerationRequest.small(seeds: [1])
        request.steps = 1000
        // A question about the history may find the end before the last message has been read.
        let start = ContinuousClock.now
        let run = try await ServerRun.run(
            request, service, at: fake.baseURL, deadline: .seconds(120),
            pollInterval: .seconds(10),
            options: ExecutionOptions(wantsPreviews: true))
        let time = ContinuousClock.now - start
        #expect(run.isFinished)
        let steps = run.stages.compactMap {
            if case .sampling(let step, 1000, 0, 1) = $0 { step } else { nil }
        }
        #expect(steps.last == 1000)
        #expect(steps == steps.sorted())
        // Steps every 50 ms, looks every 200 ms, and the last of each.
        #expect(Double(steps.count) <= time / Duration.milliseconds(50) + 5)
        #expect(Double(run.previews.count) <= time / Duration.milliseconds(200) + 5)
        #expect(fake.server.violations == [])
        await fake.stop()
    }

    @Test func aWorkflowsSlotsAreFilled() async throws {
        let fake = try await FakeComfyUI.start()
        let folder = try PictureFolder()
        let workflow = #"""
            {"1": {"class_type": "CheckpointLoaderSimple",
                   "inputs": {"ckpt_name": "sdxl/base.safetensors"}},
             "2": {"class_type": "CLIPTextEncode",
                   "inputs": {"clip": ["1", 1], "text": "best, %prompt%, 100%"}},
             "3": {"class_type": "CLIPTextEncode",
                   "inputs": {"clip": ["1", 1], "text": "%negative_prompt%"}},
             "4": {"class_type": "EmptyLatentImage",
                   "inputs": {"width": "%width%", "height": "%height%", "batch_size": 1}},
             "5": {"class_type": "KSampler",
                   "inputs": {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0],
                              "latent_image": ["4", 0], "seed": "%seed%", "steps": "%steps%",
                              "cfg": 7.25, "sampler_name": "%sampler%", "scheduler": "karras",
                              "denoise": 1.0}},
             "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
             "7": {"class_type": "PreviewImage", "inputs": {"images": ["6", 0]}}}
            """#
        var request = GenerationRequest.small("50% %seed% \"fox\"", seeds: [UInt64.max])
        request.negativePrompt = "blur"
        request.sampler = .eulerAncestral
        request.extras = ["workflow": try folder.file("w.json", Array(workflow.utf8))]
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        #expect(run.isFinished)
        #expect(fake.server.violations == [])
        let sampler = try nodes(fake)["KSampler"]?.first
        #expect(sampler?["seed"]?.literal == "18446744073709551615")
        #expect(sampler?["cfg"]?.literal == "7.25")
        #expect(sampler?["sampler_name"]?.text == "euler_ancestral")
        let texts = try nodes(fake)["CLIPTextEncode"]?.compactMap { $0["text"]?.text }
        #expect(texts == ["best, 50% %seed% \"fox\", 100%", "blur"])
        request.guidanceScale = 3
        request.loras = [LoRAReference(name: "x")]
        let refused = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(refused.problems.map(\.field) == [.guidanceScale, .loras])
        await fake.stop()
    }

    @Test(arguments: [
        (#"{"nodes": [], "links": []}"#, "Export (API)"), ("[]", "class_type"),
        ("{}", "class_type"), ("{", "not JSON"), (#"{"1": {"inputs": {}}}"#, "class_type"),
    ])
    func aFileThatIsNoWorkflowIsToldWhy(text: String, reason: String) async throws {
        let folder = try PictureFolder()
        var request = GenerationRequest.small()
        request.extras = ["workflow": try folder.file("w.json", Array(text.utf8))]
        let run = try await ServerRun.run(request, service, at: "http://127.0.0.1:9")
        let error = try #require(run.remoteError)
        #expect(error.description.contains(reason))
    }

    @Test func nodesFilesAndNamesThatAreMissingAreNamed() async throws {
        let fake = try await FakeComfyUI.start()
        var request = GenerationRequest.small()
        request.model = "other"
        let model = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(model.remoteError?.hint?.contains("sdxl/base.safetensors") == true)
        request.model = nil
        request.sampler = .deis
        let sampler = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(sampler.remoteError?.hint?.contains("euler") == true)
        request.sampler = .euler
        request.guidanceRescale = 0.5
        fake.behave { $0.missingNodes = ["RescaleCFG"] }
        let node = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(node.remoteError?.summary.contains("RescaleCFG") == true)
        await fake.stop()
    }

    @Test func aRefusedGraphNamesNodeAndInput() async throws {
        let fake = try await FakeComfyUI.start()
        fake.server.inject(
            .status(
                400,
                #"""
                {"error": {"type": "x", "message": "failed validation", "details": "",
                "extra_info": {}}, "node_errors": {"5": {"errors": [{"type": "value_not_in_list",
                "message": "Value not in list", "details": "sampler_name: 'x'"}],
                "class_type": "KSampler"}}}
                """#), on: "POST /prompt")
        let run = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(
            run.remoteError?.summary.contains("KSampler: Value not in list: sampler_name: 'x'")
                == true)
        fake.server.inject(
            .status(400, #"{"error": "odd", "node_errors": []}"#), on: "POST /prompt")
        let odd = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(odd.remoteError?.summary.contains("odd") == true)
        await fake.stop()
    }

    @Test func hostileFileNamesStayInTheQuery() async throws {
        let fake = try await FakeComfyUI.start()
        fake.behave {
            $0.outputs = [
                "9": [
                    "images": [
                        [
                            "filename": "../../etc/passwd&x=1#y", "subfolder": "/..",
                            "type": "output",
                        ]
                    ]
                ]
            ]
        }
        let run = try await ServerRun.run(.small(), service, at: fake.baseURL)
        #expect(run.remoteError?.kind == .notFound)
        let view = try #require(fake.server.requests("GET /view").first)
        #expect(view.path == "/view")
        #expect(view.query["filename"] == "../../etc/passwd&x=1#y")
        #expect(view.query["subfolder"] == "/..")
        #expect(view.query.count == 3)
        await fake.stop()
    }
}
