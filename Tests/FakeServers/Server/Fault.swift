/// Something that goes wrong with one answer.
public enum Fault: Sendable {
    /// Another answer in place of the real one; the service never sees the request.
    case answer(FakeResponse)
    /// Another answer that depends on the request, for example an echo of its headers.
    case reply(@Sendable (RecordedRequest) -> FakeResponse)
    /// The connection is reset before the service sees the request.
    case resetBeforeResponse
    /// The connection is closed in good order before the service sees the request.
    case closeBeforeResponse
    /// The service does its work, then the connection is reset without an answer.
    case resetAfterWork
    /// The body is cut after so many bytes: reset, or closed in good order.
    case cutBody(after: Int, resets: Bool)
    /// The whole answer, then a reset.
    case resetAfterBody
    /// The service does its work, and no answer ever comes.
    case noResponse
    /// The answer comes late.
    case delay(Duration)
    /// The body comes in pieces of so many bytes with a pause after each.
    case trickle(piece: Int, pause: Duration)
    /// Another `Content-Type`.
    case contentType(String)
    /// Further header fields.
    case headers([(name: String, value: String)])
    /// The real answer's body is replaced.
    case body([UInt8])
    /// The body goes on for so many bytes; the length is declared or not.
    case oversize(bytes: Int, isDeclared: Bool)
    /// `Content-Encoding: gzip`, expanding to so many zeros.
    case gzipBomb(bytes: Int)

    /// A status with a text body.
    public static func status(
        _ status: Int, _ text: String = "", type: String = "application/json",
        headers: [(name: String, value: String)] = []
    ) -> Fault {
        .answer(.text(status, text, type: type, headers: headers))
    }

    /// A redirect.
    public static func redirect(_ status: Int = 302, to location: String) -> Fault {
        .answer(FakeResponse(status, headers: [("Location", location)]))
    }

    /// Sends the request's own header fields and body back inside an error.
    public static func echo(_ status: Int) -> Fault {
        .reply { request in
            let lines = request.headers.map { "\($0.name): \($0.value)" }
            return .json(
                status,
                ["error": .string((lines + [request.text]).joined(separator: "\n"))])
        }
    }

    /// Whether the service must not see the request.
    var replacesService: Bool {
        switch self {
        case .answer, .reply, .resetBeforeResponse, .closeBeforeResponse: true
        default: false
        }
    }
}
