import Foundation

/// Moves requests and answers: the one seam between providers and the network. The real one is in
/// `Transport`; tests put their own in its place.
///
/// A transport follows no redirects, adds no credentials, and checks every limit of a request.
/// Cancelling the task that waits for it ends the exchange.
public protocol HTTPTransport: Sendable {
    /// Sends a request and returns as soon as the head of the answer is there.
    ///
    /// - Throws: ``TransportError``, `CancellationError`.
    func open(_ request: HTTPRequest) async throws -> HTTPExchange

    /// Opens a websocket. The address has the scheme `http` or `https`.
    ///
    /// - Throws: ``TransportError``, `CancellationError`.
    func webSocket(_ request: HTTPRequest) async throws -> any WebSocketConnection
}

/// An answer whose body is still on its way. The body is pulled: bytes that nobody asks for stay
/// with the server.
public struct HTTPExchange: Sendable {
    public let status: Int
    public let headers: HTTPHeaders
    /// Pieces of the body as they come, decompressed; throws ``TransportError``.
    public let body: AsyncThrowingStream<[UInt8], any Error>
    private let whole: (@Sendable () async throws -> [UInt8])?

    /// - Parameter whole: reads the body at once, where that takes less than piece by piece.
    public init(
        status: Int, headers: HTTPHeaders, body: AsyncThrowingStream<[UInt8], any Error>,
        whole: (@Sendable () async throws -> [UInt8])? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.whole = whole
    }

    /// Reads the body to its end.
    public func collect() async throws -> HTTPResponse {
        var bytes: [UInt8] = []
        if let whole {
            bytes = try await whole()
        } else {
            for try await piece in body { bytes += piece }
        }
        try Task.checkCancellation()
        return HTTPResponse(status: status, headers: headers, body: bytes)
    }
}

/// A websocket that stands.
public protocol WebSocketConnection: Sendable {
    /// Messages in order, fragments joined; ends when the server closes, throws
    /// ``TransportError`` when the connection breaks.
    var messages: AsyncThrowingStream<WebSocketMessage, any Error> { get }

    /// Sends a text message.
    func send(_ text: String) async throws

    /// Says goodbye and closes.
    func close() async
}

/// A whole message of a websocket.
public enum WebSocketMessage: Hashable, Sendable {
    case text(String)
    case binary([UInt8])
}
