import Foundation
import Generation
import Providers
import Settings
import Testing

/// What services refuse before anything is sent, all at once.
@Suite struct RequestRulesTests {
    private func problems(
        _ kind: BackendKind, _ change: (inout GenerationRequest) -> Void
    ) throws -> [RequestField] {
        let service = try #require(ServiceRegistry.service(of: kind))
        var request = GenerationRequest(prompt: "x")
        change(&request)
        let capabilities = service.capabilities(model: request.model)
        return (request.problems(for: capabilities) + service.problems(of: request)).map(\.field)
    }

    @Test func everyProblemIsToldAtOnce() throws {
        let fields = try problems(.segmind) {
            $0.steps = 10
            $0.guidanceScale = 30
            $0.width = 512
            $0.height = 512
            $0.hires = HiresPass(scale: 2)
            $0.loras = [.init(name: "x")]
            $0.extras = ["stile": "x", "strength": "7"]
        }
        #expect(
            Set(fields) == [.steps, .guidanceScale, .width, .height, .hires, .loras, .extras])
        #expect(fields.filter { $0 == .extras }.count == 2)
    }

    @Test func aSeedIsRefusedWhereThereIsNone() throws {
        #expect(try problems(.inferencesh) { $0.seeds = [1] } == [.seeds])
        #expect(try problems(.inferencesh) { _ in } == [])
        #expect(try problems(.octoai) { $0.seeds = [0] } == [.seeds])
        #expect(try problems(.octoai) { $0.seeds = [1 << 32] } == [.seeds])
        #expect(try problems(.segmind) { $0.seeds = [1_000_000_000_000_000] } == [.seeds])
    }

    @Test func sizesOfOctoAIArePairs() throws {
        #expect(try problems(.octoai) { ($0.width, $0.height) = (1024, 896) } == [.width])
        #expect(try problems(.octoai) { $0.width = 1024 } == [.width])
        #expect(try problems(.octoai) { ($0.width, $0.height) = (832, 1216) } == [])
    }

    @Test func pictureCountsAreLimited() throws {
        #expect(try problems(.imagepipeline) { $0.seeds = Array(1...5) } == [.seeds])
        #expect(try problems(.imagepipeline) { $0.seeds = [1, 3] } == [.seeds])
        #expect(try problems(.octoai) { $0.seeds = Array(1...16) } == [])
        #expect(try problems(.octoai) { $0.seeds = Array(1...17) } == [.seeds])
    }

    @Test func linksAndFilesAreNotMixedUp() throws {
        #expect(try problems(.imagepipeline) { $0.initImage = "/tmp/a.png" } == [.initImage])
        #expect(try problems(.octoai) { $0.initImage = "https://a/b.png" } == [.initImage])
        #expect(try problems(.inferencesh) { $0.initImage = "/tmp/a.png" } == [.initImage])
    }

    @Test func aLocalCheckpointIsNotUploaded() throws {
        #expect(try problems(.inferencesh) { $0.model = "/models/x.safetensors" } == [.model])
        #expect(try problems(.inferencesh) { $0.loras = [.init(name: "fog")] } == [.loras])
    }

    @Test(arguments: ServiceRegistry.services.map(\.profile.kind))
    func weightsOfALoRAAreNeverDropped(kind: BackendKind) async throws {
        let service = try #require(ServiceRegistry.service(of: kind))
        let generator = try RemoteRun.generator(
            kind: kind.rawValue, baseURL: "http://127.0.0.1:1", key: nil)
        var request = GenerationRequest(prompt: "x")
        request.loras = [.init(name: "https://example.org/x.safetensors")]
        let plain = try await generator.problems(with: request).map(\.field)
        let takesLoRAs = service.capabilities(model: nil).support(for: .loras).isSupported
        #expect(plain.contains(.loras) != takesLoRAs)
        request.loras[0].textEncoderWeight = 0.5
        let two = try await generator.problems(with: request).map(\.field)
        #expect(two.contains(.loras) == ![.a1111, .comfyui].contains(kind))
        request.loras[0].blockWeights = [Double](repeating: 1, count: 12)
        #expect(try await generator.problems(with: request).map(\.field).contains(.loras))
    }

    @Test func schedulesGoWithTheirSamplers() throws {
        #expect(
            try problems(.octoai) { ($0.sampler, $0.schedule) = (.euler, .karras) } == [.schedule])
        #expect(try problems(.octoai) { $0.schedule = .karras } == [.schedule])
        #expect(try problems(.octoai) { $0.sampler = .tcd } == [.sampler])
    }

    @Test func everyServiceSaysWhyAFieldIsNotThere() {
        for service in ServiceRegistry.services {
            let capabilities = service.capabilities(model: nil)
            for field in RequestField.allCases {
                if case .unsupported(let reason) = capabilities.support(for: field) {
                    #expect(!reason.isEmpty)
                }
            }
        }
    }
}
