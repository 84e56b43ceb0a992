import Foundation
import Generation
import Settings

/// A service or program that makes pictures over HTTP: mapping, decoding and flow as pure values.
///
/// To add one: a folder here with a type that conforms, and a line in ``ServiceRegistry``. Nothing
/// in a service opens a connection, knows a key or reads a clock; ``RemoteGenerator`` does.
public protocol RemoteService: Sendable {
    /// Names, address and how a key is shown.
    var profile: ServiceProfile { get }

    /// What it accepts with a model (nil: its default).
    func capabilities(model: String?) -> GeneratorCapabilities

    /// Values of the fields that a request leaves open.
    func defaults(model: String?) -> RequestDefaults

    /// Rules that capabilities cannot say, all at once.
    func problems(of request: GenerationRequest) -> [RequestProblem]

    /// Files that the request needs at the service.
    func inputs(of request: GenerationRequest) -> [InputNeed]

    /// The conversation that makes the pictures of `job`, whose request has no problems.
    ///
    /// - Throws: a ``UserFacingError`` when the request cannot be mapped.
    func flow(for job: RemoteJob) throws -> any RemoteFlow

    /// Calls that show, without making a picture, whether the service answers and takes the key.
    func probes(at endpoint: Endpoint) -> [RemoteCall]

    /// What the answer to a probe means.
    func finding(_ probe: CallID, _ response: HTTPResponse) -> ServiceFinding
}

extension RemoteService {
    public func problems(of request: GenerationRequest) -> [RequestProblem] { [] }
    public func inputs(of request: GenerationRequest) -> [InputNeed] { [] }
    public func finding(_ probe: CallID, _ response: HTTPResponse) -> ServiceFinding {
        ServiceFinding(response)
    }
}

/// Names, address and key of a kind of service.
public struct ServiceProfile: Hashable, Sendable {
    public var kind: BackendKind
    /// As people write it: `imagepipeline.io`.
    public var title: String
    /// The public or usual address.
    public var baseURL: URL
    /// How a key is shown.
    public var authentication: Authentication
    /// Whether it refuses everything without a key.
    public var needsKey: Bool

    public init(
        kind: BackendKind, title: String, baseURL: URL, authentication: Authentication,
        needsKey: Bool
    ) {
        self.kind = kind
        self.title = title
        self.baseURL = baseURL
        self.authentication = authentication
        self.needsKey = needsKey
    }
}

/// A file that a request names and a service needs.
public struct InputNeed: Hashable, Sendable {
    /// How it is needed.
    public enum Form: Hashable, Sendable {
        /// A picture, in memory.
        case picture
        /// A document, in memory, at most 8 MiB.
        case document
        /// A file of any size that is streamed from disk.
        case upload
    }

    /// As the request has it.
    public var path: String
    public var form: Form

    public init(_ path: String, _ form: Form) {
        self.path = path
        self.form = form
    }
}

/// Everything that a flow may know.
public struct RemoteJob: Sendable {
    /// Defaults filled in, seeds drawn.
    public var request: GenerationRequest
    public var endpoint: Endpoint
    /// What ``RemoteService/inputs(of:)`` asked for, by path.
    public var files: [String: InputFile]
    /// Where the service is asked to call back.
    public var webhook: URL?
    public var wantsPreviews: Bool
    /// A lower-case UUID drawn for this job.
    public var uniqueID: String
    /// Replaces the service's own pace of asking for news.
    public var pollInterval: Duration?
    /// How long the work may take; also the limit of a blocking call.
    public var deadline: Duration

    public init(
        request: GenerationRequest, endpoint: Endpoint, files: [String: InputFile] = [:],
        webhook: URL? = nil, wantsPreviews: Bool = false,
        uniqueID: String = UUID().uuidString.lowercased(), pollInterval: Duration? = nil,
        deadline: Duration = .seconds(600)
    ) {
        self.request = request
        self.endpoint = endpoint
        self.files = files
        self.webhook = webhook
        self.wantsPreviews = wantsPreviews
        self.uniqueID = uniqueID
        self.pollInterval = pollInterval
        self.deadline = deadline
    }

    /// What has to be told when several pictures share one call of a service that takes one seed and
    /// does not say what it makes of it for the others; nothing for a single picture.
    func sharedSeedNote(service: String) -> [FlowCommand] {
        guard request.seeds.count > 1, let first = request.seeds.first else { return [] }
        let text =
            "\(service) takes one seed for \(request.seeds.count) pictures: the first is that of "
            + "seed \(first), the others come again only with the whole call; a sweep over seeds "
            + "makes each alone"
        return [.report(.warning(text))]
    }

    /// The limits of a call that blocks until the picture is there.
    public var blockingLimits: TransportLimits {
        let seconds = Double(deadline.components.seconds)
        return TransportLimits(
            idleSeconds: seconds, totalSeconds: seconds, bodyBytes: 256 << 20)
    }
}

/// A file of a request.
public struct InputFile: Hashable, Sendable {
    /// Absolute.
    public var path: String
    public var byteCount: Int
    /// The content; nil for ``InputNeed/Form/upload``.
    public var bytes: [UInt8]?

    public init(path: String, byteCount: Int, bytes: [UInt8]?) {
        self.path = path
        self.byteCount = byteCount
        self.bytes = bytes
    }

    /// The content in base64, without a `data:` prefix.
    public var base64: String { Data(bytes ?? []).base64EncodedString() }
}

/// What an answer to a probe says.
public struct ServiceFinding: Hashable, Sendable {
    /// Whether the key was taken; nil when the answer does not tell.
    public var acceptsKey: Bool?
    public var credits: Double?
    /// Facts worth showing: version, models, samplers.
    public var notes: [String]
    /// What is wrong, in words.
    public var problem: String?

    public init(
        acceptsKey: Bool? = nil, credits: Double? = nil, notes: [String] = [],
        problem: String? = nil
    ) {
        self.acceptsKey = acceptsKey
        self.credits = credits
        self.notes = notes
        self.problem = problem
    }

    /// 2xx: the key is taken; 401, 403: it is not; everything else says nothing about it.
    public init(_ response: HTTPResponse) {
        self.init()
        switch response.status {
        case 200..<300: acceptsKey = true
        case 401, 403: acceptsKey = false
        case 500...: problem = "it answers with status \(response.status)"
        default: break
        }
    }
}
