import FakeServers
import Foundation
import Generation
import Images
import Providers
import Settings
import Transport

/// A job over the real transport, and everything that came of it.
struct RemoteRun {
    var events: [GenerationEvent] = []
    var error: (any Error)?

    /// The generator of a service behind a fake: fast pauses, the fake's key.
    static func generator(
        _ fake: any FakeService, key: String? = nil,
        change: (inout RemoteGenerator.Configuration) -> Void = { _ in }
    ) throws -> RemoteGenerator {
        try generator(
            kind: type(of: fake).kind, baseURL: fake.baseURL, key: key ?? fake.key, change: change)
    }

    /// The generator of a kind at an address.
    static func generator(
        kind: String, baseURL: String, key: String?,
        change: (inout RemoteGenerator.Configuration) -> Void = { _ in }
    ) throws -> RemoteGenerator {
        guard let kind = BackendKind(rawValue: kind),
            let service = ServiceRegistry.service(of: kind), let url = URL(string: baseURL)
        else { throw CocoaError(.featureUnsupported) }
        let credential = key.flatMap { Credential($0) }
        var configuration = RemoteGenerator.Configuration(
            id: "remote", service: service, endpoint: Endpoint(url), slots: JobSlots(8)
        ) { credential }
        configuration.pollInterval = .milliseconds(10)
        configuration.deadline = .seconds(120)
        configuration.retry = RetryPolicy(
            firstPause: .milliseconds(5), longestPause: .milliseconds(20))
        change(&configuration)
        return RemoteGenerator(configuration, transport: try ClientTransport())
    }

    /// Runs a request to its end.
    static func run(
        _ generator: any ImageGenerator, _ request: GenerationRequest,
        _ options: ExecutionOptions = ExecutionOptions()
    ) async -> RemoteRun {
        var run = RemoteRun()
        do {
            for try await event in generator.generate(request, options: options) {
                run.events.append(event)
            }
        } catch {
            run.error = error
        }
        return run
    }

    /// Runs the usual request with some changes.
    static func run(
        _ fake: any FakeService, _ change: (inout GenerationRequest) -> Void = { _ in }
    ) async throws -> RemoteRun {
        var request = GenerationRequest(prompt: "a lighthouse")
        // Small pictures where a service lets one choose.
        if ["inferencesh", "imagepipeline"].contains(type(of: fake).kind) {
            (request.width, request.height) = (256, 256)
        }
        change(&request)
        return await run(try generator(fake), request)
    }

    var images: [GeneratedImage] {
        events.compactMap { if case .image(let image) = $0 { image } else { nil } }
    }

    var warnings: [String] {
        events.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }

    var taskID: String? {
        events.compactMap { if case .accepted(let id) = $0 { id } else { nil } }.first
    }

    var stages: [Stage] {
        events.compactMap { if case .stage(let stage) = $0 { stage } else { nil } }
    }

    var summary: GenerationSummary? {
        events.compactMap { if case .finished(let summary) = $0 { summary } else { nil } }.last
    }

    var kind: RemoteError.Kind? { (error as? RemoteError)?.kind }

    /// Every text that a person could come to see.
    var text: String {
        let problem = (error as? any UserFacingError).map { $0.summary + ($0.hint ?? "") } ?? ""
        return events.map { "\($0)" }.joined() + problem + error.map { "\($0)" }.debugDescription
    }
}

/// A small picture in a file of its own.
struct PictureFile {
    let path: String
    let base64: String

    init(seed: UInt64 = 5, width: Int = 16, height: Int = 8) throws {
        let bytes = FakePicture.bytes(width: width, height: height, seed: seed)
        base64 = FakePicture.encoded(bytes)
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "latent-\(UUID().uuidString).png")
        try Data(bytes).write(to: url)
        path = url.path
    }
}

extension FakeServer {
    /// Waits for a request whose line begins so.
    func hasReceived(_ prefix: String) async -> Bool {
        await waitForRequests { requests in requests.contains { $0.line.hasPrefix(prefix) } }
    }
}
