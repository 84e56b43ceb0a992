/// Anything that turns a request into pictures: the local engine, a remote service, a fake.
///
/// Cancelling the task that consumes the stream stops the work; the stream then ends by throwing
/// `CancellationError`.
public protocol ImageGenerator: Sendable {
    /// The backend's name, as requests and the journal record it.
    var id: String { get }

    /// What the backend accepts for the model that `request` names (only `model` is read).
    ///
    /// - Throws: a ``UserFacingError`` when the model cannot be found or read.
    func capabilities(for request: GenerationRequest) async throws -> GeneratorCapabilities

    /// The defaults of the model that `request` names (only `model` is read).
    ///
    /// - Throws: a ``UserFacingError`` when the model cannot be found or read.
    func defaults(for request: GenerationRequest) async throws -> RequestDefaults

    /// Runs the request. The stream throws ``InvalidRequest`` before any work when the request has
    /// problems, another ``UserFacingError`` when the run fails, `CancellationError` when stopped.
    func generate(
        _ request: GenerationRequest, options: ExecutionOptions
    ) -> AsyncThrowingStream<GenerationEvent, any Error>

    /// Everything that is wrong with the request, at once.
    func problems(with request: GenerationRequest) async throws -> [RequestProblem]

    /// Waits, a few seconds at most, until a service knows that a request was stopped.
    func settle() async
}

extension ImageGenerator {
    public func problems(with request: GenerationRequest) async throws -> [RequestProblem] {
        request.problems(for: try await capabilities(for: request))
    }

    public func settle() async {}
}

/// How a request runs at a service.
public struct RemoteOptions: Hashable, Sendable {
    /// Where the service is asked to call back.
    public var webhook: String?
    /// Whether the run ends as soon as the service has taken the job, and leaves it there.
    public var leavesWhenAccepted = false
    /// The task whose result is fetched instead of submitting again.
    public var resumedTaskID: String?

    /// A request that is submitted and waited for.
    public init() {}
}

/// How a request runs, as far as that does not change the picture.
public struct ExecutionOptions: Hashable, Sendable {
    /// Where weights live while the engine works.
    public enum Memory: String, Codable, CaseIterable, Sendable {
        /// Resident when they fit, streamed otherwise.
        case auto
        /// All weights stay in memory, in the layout that computes fastest.
        case resident
        /// Weights are read layer by layer from the mapped file.
        case streamed
    }

    /// Threads of the engine; nil: one per core.
    public var threads: Int?
    /// Where weights live.
    public var memory: Memory
    /// Whether previews are made while sampling.
    public var wantsPreviews: Bool
    /// Whether the engine lets other threads of the machine go first: an interface is waited for.
    public var givesWay = false
    /// Safetensors file whose tensor `latents` (`[n, 4, h/8, w/8]`, F32) replaces the drawn noise.
    public var initialNoisePath: String?
    /// Where the final latents are written, same shape, tensor `latents`.
    public var latentsOutputPath: String?
    /// What concerns services only.
    public var remote = RemoteOptions()

    /// The defaults: all cores, automatic memory, no previews.
    public init(
        threads: Int? = nil, memory: Memory = .auto, wantsPreviews: Bool = false,
        initialNoisePath: String? = nil, latentsOutputPath: String? = nil
    ) {
        self.threads = threads
        self.memory = memory
        self.wantsPreviews = wantsPreviews
        self.initialNoisePath = initialNoisePath
        self.latentsOutputPath = latentsOutputPath
    }
}
