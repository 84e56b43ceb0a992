import Generation

/// Why an exchange with a server did not come to an answer.
public struct TransportError: UserFacingError, Hashable {
    /// What went wrong.
    public enum Reason: Hashable, Sendable {
        /// No connection: refused, no such host, no route, no proxy.
        case unreachable
        /// No secure connection: certificate, name or protocol.
        case insecure
        /// The connection broke before the answer was whole.
        case interrupted
        /// Nothing came for too long, or the whole took too long.
        case timedOut
        /// More than `bodyBytes` came, were declared, or came out of compressed data.
        case tooLarge(limit: Int)
        /// The answer is no valid HTTP, websocket or compressed data.
        case malformed
        /// What should be sent could not be read.
        case unreadableFile
    }

    public let reason: Reason
    /// What the system says, printable; may be empty.
    public let detail: String
    /// Whether the server may have received the request, and so may have acted on it.
    public let mayHaveArrived: Bool

    public init(_ reason: Reason, detail: String = "", mayHaveArrived: Bool) {
        self.reason = reason
        self.detail = printable(detail, limit: 200)
        self.mayHaveArrived = mayHaveArrived
    }

    public var summary: String {
        let what =
            switch reason {
            case .unreachable: "The server cannot be reached"
            case .insecure: "No secure connection to the server could be made"
            case .interrupted: "The connection broke before the answer was complete"
            case .timedOut: "The server did not answer in time"
            case .tooLarge(let limit):
                "The answer is larger than the \(limit >> 20) MiB that are accepted"
            case .malformed: "The server's answer is not valid"
            case .unreadableFile: "A file could not be sent"
            }
        return detail.isEmpty ? what : "\(what): \(detail)"
    }

    public var hint: String? {
        switch reason {
        case .unreachable: "check that it runs, the address and the proxy"
        case .insecure: "name its certificate as caFile of the backend if it is your own"
        case .timedOut: "raise the backend's timeout if it needs longer"
        default: nil
        }
    }
}
