import FakeServers
import Foundation
import Generation
import Providers
import Transport

/// One request through service, driver and network, and everything that came of it.
struct ServerRun: Sendable {
    var events: [GenerationEvent] = []
    var error: (any Error)?

    var images: [GeneratedImage] {
        events.compactMap { if case .image(let image) = $0 { image } else { nil } }
    }
    var warnings: [String] {
        events.compactMap { if case .warning(let text) = $0 { text } else { nil } }
    }
    var stages: [Stage] {
        events.compactMap { if case .stage(let stage) = $0 { stage } else { nil } }
    }
    var previews: [PreviewImage] {
        events.compactMap { if case .preview(let image) = $0 { image } else { nil } }
    }
    var taskID: String? {
        events.compactMap { if case .accepted(let id) = $0 { id } else { nil } }.first
    }
    var isFinished: Bool {
        if case .finished = events.last { true } else { false }
    }
    var remoteError: RemoteError? { error as? RemoteError }
    var problems: [RequestProblem] { (error as? InvalidRequest)?.problems ?? [] }
    /// Everything that a person could read.
    var allText: String { "\(events) \(error.map { "\($0)" } ?? "")" }

    /// Runs a request to its end.
    static func run(
        _ request: GenerationRequest, _ service: any RemoteService, at baseURL: String,
        key: String? = nil, transport: (any HTTPTransport)? = nil,
        deadline: Duration = .seconds(60), pollInterval: Duration = .milliseconds(5),
        options: ExecutionOptions = ExecutionOptions()
    ) async throws -> ServerRun {
        let generator = try generator(
            service, at: baseURL, key: key, transport: transport, deadline: deadline,
            pollInterval: pollInterval)
        var run = ServerRun()
        do {
            for try await event in generator.generate(request, options: options) {
                run.events.append(event)
            }
        } catch {
            run.error = error
        }
        return run
    }

    /// A generator that polls and retries fast.
    static func generator(
        _ service: any RemoteService, at baseURL: String, key: String? = nil,
        transport: (any HTTPTransport)? = nil, deadline: Duration = .seconds(60),
        pollInterval: Duration = .milliseconds(5)
    ) throws -> RemoteGenerator {
        var configuration = RemoteGenerator.Configuration(
            id: "tested", service: service,
            endpoint: Endpoint(URL(string: baseURL) ?? service.profile.baseURL),
            credential: { key.flatMap { Credential($0) } })
        configuration.deadline = deadline
        configuration.pollInterval = pollInterval
        configuration.retry = RetryPolicy(
            attempts: 3, firstPause: .milliseconds(5), longestPause: .milliseconds(20))
        return RemoteGenerator(
            configuration, transport: try transport ?? ClientTransport())
    }
}

/// Pictures as files, in a folder that goes away.
final class PictureFolder: Sendable {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-pictures-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Writes a picture and tells its path.
    func picture(_ name: String, seed: UInt64 = 1) throws -> String {
        try file(name, FakePicture.bytes(width: 64, height: 64, seed: seed))
    }

    /// Writes a file and tells its path.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let url = folder.appendingPathComponent(name)
        try Data(bytes).write(to: url)
        return url.path
    }
}

extension GenerationRequest {
    /// A small picture with one seed.
    static func small(_ prompt: String = "a fox", seeds: [UInt64] = [7]) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt)
        request.width = 64
        request.height = 64
        request.steps = 4
        request.seeds = seeds
        return request
    }
}
