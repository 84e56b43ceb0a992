import FakeServers
import Foundation
import Generation
import Images
import Providers
import Testing

@Suite struct OpenAITests {
    private let service = OpenAIImages()

    private func request(_ prompt: String = "a fox") -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt)
        request.width = 128
        request.height = 64
        return request
    }

    @Test func everyFieldIsOnTheWire() async throws {
        let fake = try await FakeOpenAI.start()
        var request = request()
        request.model = "gpt-image-1"
        request.extras = [
            "n": "2", "quality": "high", "background": "opaque", "output_format": "jpeg",
            "output_compression": "80", "response_format": "b64_json",
        ]
        let run = try await ServerRun.run(request, service, at: fake.baseURL, key: fake.key)
        #expect(run.error == nil)
        #expect(run.isFinished)
        #expect(fake.server.violations == [])
        #expect(run.images.map(\.index) == [0, 1])
        #expect(run.images.first?.image.width == 128)
        let body = try #require(fake.server.requests("POST").first?.json)
        #expect(
            body == [
                "model": "gpt-image-1", "prompt": "a fox", "size": "128x64", "n": 2,
                "quality": "high", "background": "opaque", "output_format": "jpeg",
                "output_compression": 80, "response_format": "b64_json",
            ])
        await fake.stop()
    }

    @Test func aBaseAddressMayEndWithTheVersion() async throws {
        let fake = try await FakeOpenAI.start()
        let run = try await ServerRun.run(
            request(), service, at: fake.baseURL + "/v1", key: fake.key)
        #expect(run.isFinished)
        #expect(fake.server.requests.map(\.path) == ["/v1/images/generations"])
        await fake.stop()
    }

    @Test func editsAreAForm() async throws {
        let fake = try await FakeOpenAI.start()
        let folder = try PictureFolder()
        var request = request("a \"fox\"\r\n--x")
        request.model = "gpt-image-1"
        request.initImage = try folder.picture("init.png", seed: 3)
        request.maskImage = try folder.picture("mask.png", seed: 4)
        request.extras = ["n": "2", "quality": "low"]
        let run = try await ServerRun.run(request, service, at: fake.baseURL, key: fake.key)
        #expect(run.error == nil)
        #expect(fake.server.violations == [])
        #expect(run.images.count == 2)
        let recorded = try #require(fake.server.requests("POST /v1/images/edits").first)
        let form = try #require(WireForm(recorded))
        #expect(form["prompt"]?.text == "a \"fox\"\r\n--x")
        #expect(form["model"]?.text == "gpt-image-1")
        #expect(form["size"]?.text == "128x64")
        #expect(form["n"]?.text == "2")
        #expect(form["quality"]?.text == "low")
        #expect(form["image[]"]?.bytes == FakePicture.bytes(width: 64, height: 64, seed: 3))
        #expect(form["image[]"]?.type == "image/png")
        #expect(form["mask"]?.type == "image/png")
        await fake.stop()
    }

    /// White repaints here; transparency does in this API, and stable-diffusion.cpp reads the colour.
    @Test(arguments: [(64, 64), (16, 8)])
    func aMaskIsTransparentWhereItRepaints(width: Int, height: Int) async throws {
        let fake = try await FakeOpenAI.start()
        let folder = try PictureFolder()
        var rgb = [UInt8](repeating: 0, count: width * height * 3)
        // The right half is white.
        for y in 0..<height {
            for x in (width / 2)..<width {
                for channel in 0..<3 { rgb[(y * width + x) * 3 + channel] = 255 }
            }
        }
        let mask = try #require(PixelImage(width: width, height: height, rgb: rgb))
        var request = request()
        request.initImage = try folder.picture("init.png", seed: 3)
        request.maskImage = try folder.file("mask.png", try mask.encoded(as: .png))
        let run = try await ServerRun.run(request, service, at: fake.baseURL, key: fake.key)
        #expect(run.error == nil)
        let form = try #require(
            fake.server.requests("POST /v1/images/edits").first.flatMap { WireForm($0) })
        let bytes = try #require(form["mask"]?.bytes)
        let color = try PNGCodec.decode(bytes, alpha: .ignored)
        let onBlack = try PNGCodec.decode(bytes, alpha: .overBlack)
        let onWhite = try PNGCodec.decode(bytes, alpha: .overWhite)
        #expect((color.width, color.height) == (64, 64), "it has the picture's size")
        let (kept, repainted) = ((32 * 64 + 8) * 3, (32 * 64 + 56) * 3)
        // Black and opaque: black on every ground. White and transparent: the ground shows.
        #expect(color.rgb[kept] == 0 && onBlack.rgb[kept] == 0 && onWhite.rgb[kept] == 0)
        #expect(color.rgb[repainted] == 255)
        #expect(onBlack.rgb[repainted] == 0 && onWhite.rgb[repainted] == 255)
        await fake.stop()
    }

    @Test func argumentsForStableDiffusionCppRideInThePromptOnlyWhenMeant() async throws {
        let fake = try await FakeOpenAI.start()
        var request = request("a fox <sd_cpp_extra_args>{\"seed\": 1}</sd_cpp_extra_args>")
        let stripped = try await ServerRun.run(request, service, at: fake.baseURL, key: fake.key)
        #expect(stripped.warnings.count == 1)
        #expect(fake.server.requests("POST").first?.json?["prompt"]?.text == "a fox ")
        request = self.request()
        request.extras = ["sd_cpp_extra_args": #"{"seed": 5}"#]
        _ = try await ServerRun.run(request, service, at: fake.baseURL, key: fake.key)
        #expect(
            fake.server.requests("POST").last?.json?["prompt"]?.text
                == #"a fox <sd_cpp_extra_args>{"seed": 5}</sd_cpp_extra_args>"#)
        await fake.stop()
    }

    @Test func linksOnAnotherOriginAreFetchedWithoutTheKey() async throws {
        let fake = try await FakeOpenAI.start()
        fake.behave { $0.answersLinks = true }
        let run = try await ServerRun.run(request(), service, at: fake.baseURL, key: fake.key)
        #expect(run.isFinished)
        #expect(run.images.count == 1)
        #expect(fake.files.server.violations == [])
        #expect(fake.files.server.received("sk-fake-key") == false)
        await fake.stop()
    }

    @Test(arguments: [
        ("file:///etc/passwd", RemoteError.Kind.untrustedAddress),
        ("ftp://127.0.0.1/x.png", .untrustedAddress), ("javascript:alert(1)", .untrustedAddress),
        ("http://user:word@127.0.0.1/x.png", .untrustedAddress), ("/gone.png", .notFound),
    ])
    func oddLinksAreRefused(link: String, kind: RemoteError.Kind) async throws {
        let fake = try await FakeOpenAI.start()
        fake.behave { $0.data = [["url": .string(link)]] }
        let run = try await ServerRun.run(request(), service, at: fake.baseURL, key: fake.key)
        #expect(run.remoteError?.kind == kind)
        // A relative link is at the API's own origin, and even there the key stays away.
        let fetched = fake.server.requests("GET")
        #expect(fetched.allSatisfy { $0.values(of: "authorization").isEmpty })
        await fake.stop()
    }

    @Test(arguments: [
        WireJSON.array([]), .null, "text", [[:]], [["b64_json": .null]], [["b64_json": 5]],
        [["b64_json": "!!!"]], [["url": ""]],
    ])
    func answersWithoutAPictureAreOneClearError(data: WireJSON) async throws {
        let fake = try await FakeOpenAI.start()
        fake.behave { $0.data = data }
        let run = try await ServerRun.run(request(), service, at: fake.baseURL, key: fake.key)
        #expect(run.remoteError != nil)
        #expect(run.images.isEmpty)
        await fake.stop()
    }

    @Test func fieldsThatTheShapeLacksAreNamedAtOnce() async throws {
        var request = request()
        request.steps = 20
        request.negativePrompt = "blur"
        request.seeds = [1]
        let run = try await ServerRun.run(request, service, at: "http://127.0.0.1:9")
        #expect(run.problems.map(\.field) == [.negativePrompt, .steps, .seeds])
    }
}
