/// What a fake answers: a status, header fields and a body that may come in any rhythm.
public struct FakeResponse: Sendable {
    /// The body.
    public enum Body: Sendable {
        /// With `Content-Length`, in one piece.
        case bytes([UInt8])
        /// Chunked, written while it is made; returning ends it.
        case stream(@Sendable (FakeBodyWriter) async throws -> Void)
        /// An upgrade; the closure holds the conversation, returning closes it.
        case webSocket(@Sendable (FakeWebSocket) async throws -> Void)
    }

    /// The status code.
    public var status: Int
    /// Header fields besides those of the framing.
    public var headers: [(name: String, value: String)]
    /// The body.
    public var body: Body

    /// An answer with a body of known length.
    public init(
        _ status: Int, _ contentType: String? = nil, _ bytes: [UInt8] = [],
        headers: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.headers = contentType.map { [("Content-Type", $0)] } ?? []
        self.headers += headers
        body = .bytes(bytes)
    }

    /// An answer with a JSON body.
    public static func json(
        _ status: Int = 200, _ value: WireJSON, headers: [(name: String, value: String)] = []
    ) -> FakeResponse {
        FakeResponse(status, "application/json", value.bytes, headers: headers)
    }

    /// An answer with a text body.
    public static func text(
        _ status: Int, _ text: String, type: String = "text/plain",
        headers: [(name: String, value: String)] = []
    ) -> FakeResponse {
        FakeResponse(status, type, Array(text.utf8), headers: headers)
    }

    /// An answer whose body is written while it is made.
    public static func stream(
        _ contentType: String, _ write: @escaping @Sendable (FakeBodyWriter) async throws -> Void
    ) -> FakeResponse {
        var response = FakeResponse(200, contentType)
        response.body = .stream(write)
        return response
    }

    /// An upgrade to a websocket.
    public static func webSocket(
        _ converse: @escaping @Sendable (FakeWebSocket) async throws -> Void
    ) -> FakeResponse {
        var response = FakeResponse(101)
        response.body = .webSocket(converse)
        return response
    }
}
