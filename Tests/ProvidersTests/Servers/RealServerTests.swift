import Foundation
import Generation
import Providers
import Settings
import Testing

/// A server of one's own instead of a fake: `LATENT_SERVERS="comfyui=http://127.0.0.1:8188 ..."`.
///
/// Any model does; pictures are small and the same seed must give the same pixels.
@Suite(.enabled(if: !RealServer.all.isEmpty), .serialized) struct RealServerTests {
    private func request(seeds: [UInt64] = [7]) -> GenerationRequest {
        var request = GenerationRequest.small("a fox", seeds: seeds)
        request.negativePrompt = "blur"
        request.steps = 2
        request.sampler = .euler
        return request
    }

    private func run(_ server: RealServer, _ request: GenerationRequest) async throws -> ServerRun {
        try await ServerRun.run(
            request, server.service, at: server.baseURL, deadline: .seconds(300))
    }

    @Test(arguments: RealServer.all.filter(\.takesSeeds))
    func seedsDecideAboutThePixels(server: RealServer) async throws {
        let first = try await run(server, request(seeds: [7, 8]))
        #expect(first.error == nil, "\(first.allText)")
        #expect(first.images.map(\.seed) == [7, 8])
        #expect(first.images.first?.image.width == 64)
        let second = try await run(server, request(seeds: [8]))
        #expect(first.images.last?.image == second.images.first?.image)
        #expect(first.images.first?.image != second.images.first?.image)
    }

    @Test(arguments: RealServer.all.filter(\.takesSeeds))
    func picturesAndMasksAreTaken(server: RealServer) async throws {
        let folder = try PictureFolder()
        var request = request()
        request.initImage = try folder.picture("init.png", seed: 3)
        request.strength = 0.5
        let image = try await run(server, request)
        #expect(image.error == nil, "\(image.allText)")
        #expect(image.images.count == 1)
        request.maskImage = try folder.picture("mask.png", seed: 4)
        let mask = try await run(server, request)
        #expect(mask.error == nil, "\(mask.allText)")
        #expect(mask.images.count == 1)
    }

    @Test(arguments: RealServer.all.filter { $0.service.profile.kind == .comfyui })
    func comfyTakesEveryPartOfAGraph(server: RealServer) async throws {
        let folder = try PictureFolder()
        var request = request(seeds: [.max])
        request.guidanceRescale = 0.5
        request.clipSkip = 1
        request.schedule = .karras
        request.hires = HiresPass(scale: 1.5, strength: 0.5)
        let parts = try await run(server, request)
        #expect(parts.error == nil, "\(parts.allText)")
        #expect(parts.images.first?.image.width == 96)
        request = self.request()
        request.initImage = try folder.picture("init.png", seed: 3)
        request.outpaint = Outpaint(left: 16, top: 0, right: 0, bottom: 0)
        request.strength = 1
        let outpainted = try await run(server, request)
        #expect(outpainted.error == nil, "\(outpainted.allText)")
        request.outpaint = nil
        request.maskImage = try folder.picture("mask.png", seed: 4)
        let inpainted = try await run(server, request)
        #expect(inpainted.error == nil, "\(inpainted.allText)")
    }

    @Test(arguments: RealServer.all.filter { $0.service.profile.kind == .openai })
    func openAIsShapeGeneratesAndEdits(server: RealServer) async throws {
        let folder = try PictureFolder()
        var request = GenerationRequest(prompt: "a fox")
        request.width = 64
        request.height = 64
        request.extras = [
            "n": "2", "sd_cpp_extra_args": #"{"seed": 5, "sample_params": {"sample_steps": 2}}"#,
        ]
        let generated = try await run(server, request)
        #expect(generated.error == nil, "\(generated.allText)")
        #expect(generated.images.count == 2)
        request.extras["n"] = "1"
        request.initImage = try folder.picture("init.png", seed: 3)
        let edited = try await run(server, request)
        #expect(edited.error == nil, "\(edited.allText)")
        #expect(edited.images.count == 1)
    }

    @Test(arguments: RealServer.all)
    func cancelIsHeard(server: RealServer) async throws {
        let generator = try ServerRun.generator(
            server.service, at: server.baseURL, deadline: .seconds(300))
        var request = request()
        if server.takesSeeds {
            request.steps = 20
        } else {
            request = GenerationRequest(prompt: "x")
        }
        let wanted = request
        let task = Task {
            for try await _ in generator.generate(wanted, options: ExecutionOptions()) {}
        }
        try await Task.sleep(for: .seconds(2))
        task.cancel()
        await generator.settle()
        // The server is free for the next request.
        let next = server.takesSeeds ? try await run(server, self.request()) : nil
        #expect(next?.error == nil)
    }
}

/// An address from the environment.
struct RealServer: Sendable, CustomStringConvertible {
    let service: any RemoteService
    let baseURL: String
    var description: String { service.profile.title }
    var takesSeeds: Bool { service.capabilities(model: nil).support(for: .seeds).isSupported }

    static let all: [RealServer] = {
        let text = ProcessInfo.processInfo.environment["LATENT_SERVERS"] ?? ""
        let services: [any RemoteService] = [
            A1111(), ComfyUI(), SDServer(), OpenAIImages(),
        ]
        return text.split(separator: " ").compactMap { entry in
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            let service = services.first { $0.profile.kind.rawValue == parts.first }
            guard parts.count == 2, let service else { return nil }
            return RealServer(service: service, baseURL: parts[1])
        }
    }()
}
