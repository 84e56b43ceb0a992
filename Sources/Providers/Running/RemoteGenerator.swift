import Foundation
import Generation
import Settings
import Synchronization

/// A remote service behind the contract of generators: drives a service's flow over a transport.
///
/// The key never leaves this target except in a header to the API's own origin; every text that
/// comes back is searched for it before anybody sees it.
public struct RemoteGenerator: ImageGenerator {
    /// One backend, as configured.
    public struct Configuration: Sendable {
        /// The backend's name.
        public var id: String
        public var service: any RemoteService
        public var endpoint: Endpoint
        /// Finds the key when it is needed; nil where there is none.
        public var credential: @Sendable () async throws -> Credential?
        /// The model of requests that name none.
        public var model: String?
        /// How long a job may take.
        public var deadline: Duration = .seconds(600)
        /// Replaces the service's own pace of asking for news.
        public var pollInterval: Duration?
        public var retry = RetryPolicy()
        /// How the program names itself.
        public var userAgent = "latent"
        /// Jobs that may run side by side; further ones wait.
        public var slots: JobSlots

        /// A backend without a key at the address of its service.
        public init(
            id: String, service: any RemoteService, endpoint: Endpoint? = nil,
            slots: JobSlots = JobSlots(1),
            credential: @escaping @Sendable () async throws -> Credential? = { nil }
        ) {
            self.id = id
            self.service = service
            self.endpoint = endpoint ?? Endpoint(service.profile.baseURL)
            self.slots = slots
            self.credential = credential
        }
    }

    public var id: String { configuration.id }
    public let configuration: Configuration
    private let transport: any HTTPTransport
    private let runs = RunningFlows()
    private let known = KnownCapabilities()
    private let answers = AnswerStore()

    /// A generator over `transport`.
    public init(_ configuration: Configuration, transport: any HTTPTransport) {
        self.configuration = configuration
        self.transport = transport
    }

    public func capabilities(for request: GenerationRequest) async throws -> GeneratorCapabilities {
        let model = request.model ?? configuration.model
        return known.capabilities(of: model) { configuration.service.capabilities(model: model) }
    }

    public func defaults(for request: GenerationRequest) async throws -> RequestDefaults {
        configuration.service.defaults(model: request.model ?? configuration.model)
    }

    public func problems(with request: GenerationRequest) async throws -> [RequestProblem] {
        let completed = completed(request)
        return completed.problems(for: try await capabilities(for: completed))
            + configuration.service.problems(of: completed)
            + completed.loraProblems(of: configuration.service.profile)
    }

    public func settle() async { await runs.settle() }

    public func generate(
        _ request: GenerationRequest, options: ExecutionOptions
    ) -> AsyncThrowingStream<GenerationEvent, any Error> {
        AsyncThrowingStream { output in
            let mailbox = Mailbox()
            let run = runs.add { id in
                Task {
                    do {
                        try await self.run(request, options, mailbox) { output.yield($0) }
                        output.finish()
                    } catch {
                        output.finish(throwing: error)
                    }
                    runs.remove(id)
                }
            }
            output.onTermination = { [runs] end in
                guard case .cancelled = end else { return }
                runs.markCancelled(run)
                mailbox.cancel()
            }
        }
    }

    private func completed(_ request: GenerationRequest) -> GenerationRequest {
        var completed = request
        completed.model = request.model ?? configuration.model
        return completed
    }

    private func run(
        _ request: GenerationRequest, _ options: ExecutionOptions, _ mailbox: Mailbox,
        report: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws {
        let problems = try await problems(with: request)
        guard problems.isEmpty else { throw InvalidRequest(problems: problems) }
        let job = try await job(for: request, options)
        report(.started(job.request))
        try await configuration.slots.acquire(unless: mailbox)
        defer { configuration.slots.release() }
        let credential: Credential?
        do {
            credential = try await self.credential()
        } catch let error as RemoteError where options.remote.resumedTaskID != nil {
            throw error.ofKeptTask
        }
        let runner = FlowRunner(
            flow: try configuration.service.flow(for: job), caller: caller(credential),
            mailbox: mailbox,
            rules: FlowRunner.Rules(
                name: configuration.service.profile.title, deadline: configuration.deadline,
                leavesWhenAccepted: options.remote.leavesWhenAccepted,
                canResume: try await capabilities(for: request).canResume),
            credential: credential, report: report)
        try await runner.run(resuming: options.remote.resumedTaskID)
    }

    func caller(_ credential: Credential?) -> RemoteCaller {
        RemoteCaller(
            transport: transport,
            authorizer: Authorizer(
                origin: configuration.endpoint.origin,
                authentication: configuration.service.profile.authentication,
                credential: credential, userAgent: configuration.userAgent),
            retry: configuration.retry, answers: answers)
    }

    private func credential() async throws -> Credential? {
        let credential = try await configuration.credential()
        guard credential == nil, configuration.service.profile.needsKey else { return credential }
        let variable = configuration.service.profile.kind.keyVariable
        throw RemoteError(
            .key, "\(id) needs a key, and none is set",
            hint: variable.map {
                "set \($0), or keyCommand, keyFile or keyVariable of the backend in config.json"
            })
    }

    private func job(
        for request: GenerationRequest, _ options: ExecutionOptions
    ) async throws -> RemoteJob {
        var resolved = completed(request)
        let capabilities = try await capabilities(for: resolved)
        resolved = resolved.filled(
            from: try await defaults(for: resolved), supportedBy: capabilities)
        if resolved.seeds.isEmpty, capabilities.support(for: .seeds).isSupported {
            resolved.seeds = [UInt64.random(in: 1...UInt64(UInt32.max) / 2)]
        }
        var job = RemoteJob(request: resolved, endpoint: configuration.endpoint)
        for need in configuration.service.inputs(of: resolved) {
            job.files[need.path] = try InputLoader.load(need)
        }
        if let webhook = options.remote.webhook {
            guard capabilities.takesWebhook else {
                throw RemoteError(
                    .refused, "\(configuration.service.profile.title) does not call back",
                    hint: "leave out --webhook; `latent history resume` fetches a result")
            }
            job.webhook = URL(string: webhook)
        }
        job.wantsPreviews = options.wantsPreviews
        job.pollInterval = configuration.pollInterval
        job.deadline = configuration.deadline
        return job
    }
}

extension GenerationRequest {
    /// As ``filled(from:)``, but a field that the backend does not have stays open: what is
    /// recorded is what was asked for.
    func filled(
        from defaults: RequestDefaults, supportedBy capabilities: GeneratorCapabilities
    ) -> GenerationRequest {
        var request = filled(from: defaults)
        func isOpen(_ field: RequestField) -> Bool {
            !capabilities.support(for: field).isSupported
        }
        if isOpen(.width) { request.width = width }
        if isOpen(.height) { request.height = height }
        if isOpen(.steps) { request.steps = steps }
        if isOpen(.guidanceScale) { request.guidanceScale = guidanceScale }
        if isOpen(.sampler) { request.sampler = sampler }
        if isOpen(.strength) { request.strength = strength }
        return request
    }
}

/// Reads files that a request names.
enum InputLoader {
    /// - Throws: ``RemoteError`` when a file is missing, too large or of the wrong kind.
    static func load(_ need: InputNeed) throws -> InputFile {
        let url = URL(fileURLWithPath: need.path)
        let name = printable(need.path, limit: 120)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
            !isFolder.boolValue,
            let size = try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int
        else { throw RemoteError(.refused, "The file \(name) cannot be read") }
        guard need.form != .upload else {
            return InputFile(path: url.path, byteCount: size, bytes: nil)
        }
        let limit = need.form == .document ? 8 << 20 : 64 << 20
        guard size <= limit else {
            throw RemoteError(
                .refused, "The file \(name) has \(size >> 20) MiB; at most \(limit >> 20) are sent")
        }
        guard let data = try? Data(contentsOf: url) else {
            throw RemoteError(.refused, "The file \(name) cannot be read")
        }
        return InputFile(path: url.path, byteCount: data.count, bytes: Array(data))
    }
}

/// What a service can do with its models: a table that every job looks at several times.
private final class KnownCapabilities: Sendable {
    private let known = Mutex<[String?: GeneratorCapabilities]>([:])

    func capabilities(
        of model: String?, _ find: () -> GeneratorCapabilities
    ) -> GeneratorCapabilities {
        known.withLock { known in
            if let capabilities = known[model] { return capabilities }
            if known.count >= 16 { known = [:] }
            let capabilities = find()
            known[model] = capabilities
            return capabilities
        }
    }
}

/// The flows of a generator that are under way, and which of them a person stopped.
final class RunningFlows: Sendable {
    private struct State {
        var nextID = 0
        var tasks: [Int: Task<Void, Never>] = [:]
        var cancelled: Set<Int> = []
    }
    private let state = Mutex(State())

    func add(_ start: (Int) -> Task<Void, Never>) -> Int {
        state.withLock { state in
            state.nextID += 1
            state.tasks[state.nextID] = start(state.nextID)
            return state.nextID
        }
    }

    func remove(_ id: Int) {
        state.withLock { state in
            state.tasks[id] = nil
            state.cancelled.remove(id)
        }
    }

    func markCancelled(_ id: Int) {
        state.withLock { state in
            if state.tasks[id] != nil { state.cancelled.insert(id) }
        }
    }

    /// Waits for the goodbyes of what was stopped.
    func settle() async {
        let leaving = state.withLock { state in state.cancelled.compactMap { state.tasks[$0] } }
        for task in leaving { await task.value }
    }
}
