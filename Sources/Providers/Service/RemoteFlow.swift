import Foundation
import Generation

/// A conversation with a service as a state machine: takes what happened, says what to do next.
///
/// Pure: no clock, no network, no key. Throwing ends the job with that error.
public protocol RemoteFlow: Sendable {
    /// - Throws: a ``UserFacingError``, usually ``RemoteError``.
    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand]
}

/// What happened. The first event is ``start`` or ``resume(taskID:)``.
public enum FlowEvent: Hashable, Sendable {
    case start
    /// The job was accepted earlier, perhaps by another process.
    case resume(taskID: String)
    /// The whole answer to a call, whatever its status; also to a stream that was refused.
    case response(CallID, HTTPResponse)
    /// No answer, or not all of it; what may be repeated was repeated.
    case failure(CallID, TransportError)
    /// A stream stands (status 200...299); the body of the response is empty.
    case streamOpened(CallID, HTTPResponse)
    /// A piece of a stream.
    case data(CallID, [UInt8])
    /// A stream or socket was ended by the server without an error.
    case ended(CallID)
    case socketOpened(CallID)
    case message(CallID, WebSocketMessage)
    /// A time has passed.
    case timer(CallID)
    /// A person stopped the job: the commands that follow tell the service. Everything that was
    /// under way was stopped; the driver waits a few seconds for these calls, then ends.
    case cancel
}

/// What to do next. Commands run side by side; their outcomes come back as events.
public enum FlowCommand: Hashable, Sendable {
    case send(RemoteCall)
    /// As ``send(_:)``, but the body comes in pieces.
    case stream(RemoteCall)
    case socket(RemoteCall)
    /// Wakes the flow after a time.
    case wait(CallID, Duration)
    /// Ends a call, stream, socket or time; no event follows.
    case stop(CallID)
    case report(RemoteReport)
    /// Everything is there.
    case finish
    /// The job fails, after what was to be told before.
    case fail(RemoteError)
}

/// The name of a call within a flow; a new call of the same name takes the place of the old one.
public struct CallID: Hashable, Sendable, ExpressibleByStringInterpolation,
    CustomStringConvertible
{
    public let name: String

    public init(_ name: String) { self.name = name }
    public init(stringLiteral value: String) { name = value }
    public var description: String { name }
}

/// A request with the rules under which it is sent.
public struct RemoteCall: Hashable, Sendable {
    /// What may be done when the outcome is not known.
    public enum Repetition: Hashable, Sendable {
        /// Asking again changes nothing: repeated after errors of the connection, 429 and 5xx.
        case safe
        /// Work that is paid for: repeated only where the service cannot have begun it (no
        /// connection, 429, 503 with `Retry-After`).
        case billed
        /// Sent once.
        case never
    }

    public var id: CallID
    public var request: HTTPRequest
    /// Whether the key is shown; only ever to the API's own origin.
    public var isAuthenticated: Bool
    public var repetition: Repetition
    /// Whether up to three redirects are followed, without the key. For pictures only.
    public var followsRedirects: Bool
    /// Whether it goes on when the job is stopped, because only its answer tells what to stop.
    public var outlivesCancel = false
    /// An answer of this age is taken in place of asking; for questions about the server itself.
    public var freshness = Duration.zero

    /// A call to the API itself.
    public init(
        _ id: CallID, _ request: HTTPRequest, repetition: Repetition, isAuthenticated: Bool = true,
        followsRedirects: Bool = false
    ) {
        self.id = id
        self.request = request
        self.repetition = repetition
        self.isAuthenticated = isAuthenticated
        self.followsRedirects = followsRedirects
    }

    /// Fetches a result without the key, from wherever it lies.
    public static func download(_ id: CallID, _ address: ResultAddress) -> RemoteCall {
        RemoteCall(
            id, HTTPRequest(.get, address.url), repetition: .safe, isAuthenticated: false,
            followsRedirects: true)
    }
}

/// What a flow tells.
public enum RemoteReport: Hashable, Sendable {
    case stage(Stage)
    case warning(String)
    /// The service took the job; enough to come back for its result.
    case accepted(taskID: String)
    /// A cheap look: a PNG or JPEG.
    case preview(index: Int, step: Int, [UInt8])
    /// A finished picture.
    case picture(RemotePicture)
    /// What is left to spend, in the service's unit.
    case credits(Double)
}

/// A picture as a service delivers it.
public struct RemotePicture: Hashable, Sendable {
    /// Which one of the request, from 0.
    public var index: Int
    /// The seed that made it, nil when the service does not say.
    public var seed: UInt64?
    /// A PNG or JPEG.
    public var bytes: [UInt8]
    /// The service's verdict on safety, nil when there is none.
    public var isFlagged: Bool?

    public init(index: Int, seed: UInt64?, bytes: [UInt8], isFlagged: Bool? = nil) {
        self.index = index
        self.seed = seed
        self.bytes = bytes
        self.isFlagged = isFlagged
    }
}
