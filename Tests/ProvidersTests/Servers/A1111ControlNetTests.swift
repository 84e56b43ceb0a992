import FakeServers
import Foundation
import Generation
import Providers
import Testing

/// `--control` on A1111: the ControlNet extension's part of a request.
@Suite struct A1111ControlNetTests {
    private let service = A1111()

    private func request(_ folder: PictureFolder) throws -> GenerationRequest {
        var request = GenerationRequest.small()
        var edges = ControlReference(
            model: "diffusers_xl_canny_full", image: try folder.picture("c.png", seed: 4),
            scale: 0.7, end: 0.8, preprocessor: "Canny")
        edges.start = 0.1
        request.controls = [
            edges,
            ControlReference(
                model: "sai_xl_depth_256lora.safetensors",
                image: try folder.picture("d.png", seed: 5)),
        ]
        return request
    }

    @Test(arguments: ["txt2img", "img2img"])
    func everyFieldIsInAlwaysonScripts(route: String) async throws {
        let fake = try await FakeA1111.start()
        let folder = try PictureFolder()
        var request = try request(folder)
        if route == "img2img" { request.initImage = try folder.picture("i.png") }
        request.extras["alwayson_scripts"] = #"{"seed": {}}"#
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        #expect(run.images.count == 1)
        #expect(fake.server.violations == [])
        let body = fake.server.requests("POST /sdapi/v1/\(route)").first?.json
        let scripts = try #require(body?["alwayson_scripts"])
        #expect(Set(scripts.keys) == ["controlnet", "seed"])
        let units = try #require(scripts["controlnet"]?["args"]?.elements)
        #expect(
            units == [
                [
                    "enabled": true, "guidance_end": 0.8, "guidance_start": 0.1,
                    "image": .string(FakePicture.base64(width: 64, height: 64, seed: 4)),
                    "model": "diffusers_xl_canny_full [2b69fca4]", "module": "canny",
                    "pixel_perfect": true, "weight": 0.7,
                ],
                [
                    "enabled": true, "guidance_end": 1, "guidance_start": 0,
                    "image": .string(FakePicture.base64(width: 64, height: 64, seed: 5)),
                    "model": "sai_xl_depth_256lora [73ad23d1]", "module": "none",
                    "pixel_perfect": true, "weight": 1,
                ],
            ])
        await fake.stop()
    }

    @Test func aServerWithoutListsGetsTheNamesAsTheyAre() async throws {
        let fake = try await FakeA1111.start()
        fake.behave { $0.listsControlModels = false }
        let folder = try PictureFolder()
        var request = GenerationRequest.small()
        request.controls = [
            ControlReference(
                model: "another", image: try folder.picture("c.png"), preprocessor: "canny")
        ]
        let run = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(run.error == nil)
        let body = fake.server.requests("POST").first?.json
        let unit = body?["alwayson_scripts"]?["controlnet"]?["args"]?[0]
        #expect(unit?["model"]?.text == "another")
        #expect(unit?["module"]?.text == "canny")
        await fake.stop()
    }

    @Test func whatTheServerLacksIsSaidBeforeTheWork() async throws {
        let fake = try await FakeA1111.start()
        let folder = try PictureFolder()
        var request = try request(folder)
        request.controls[0].model = "openpose"
        let model = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(model.remoteError?.hint?.contains("diffusers_xl_canny_full") == true)
        request = try self.request(folder)
        request.controls[0].preprocessor = "lines"
        let module = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(module.remoteError?.hint?.contains("depth_midas") == true)
        request.controls[0].preprocessor = nil
        fake.behave { $0.hasControlNet = false }
        let extensions = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(extensions.remoteError?.summary.contains("no ControlNet") == true)
        fake.behave { $0.dialect = .stableDiffusionCpp }
        let cpp = try await ServerRun.run(request, service, at: fake.baseURL)
        #expect(cpp.remoteError?.kind == .refused || cpp.remoteError?.kind == .notFound)
        #expect(fake.server.requests("POST").isEmpty)
        await fake.stop()
    }

    @Test func rulesAreToldAtOnce() throws {
        var request = try request(try PictureFolder())
        request.controls[0].scale = 3
        request.extras["alwayson_scripts"] = #"{"ControlNet": {"args": []}}"#
        #expect(service.problems(of: request).map(\.field) == [.controls, .extras])
    }
}
