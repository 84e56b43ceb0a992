import Foundation
import Generation

/// Sends the calls of a flow: shows the key where it belongs, repeats where that is safe, follows
/// the redirects of pictures.
struct RemoteCaller: Sendable {
    let transport: any HTTPTransport
    let authorizer: Authorizer
    let retry: RetryPolicy
    let answers: AnswerStore

    /// A whole answer, or why there is none.
    ///
    /// - Parameter note: told when a pause is long enough to wonder.
    /// - Throws: ``RemoteError`` for addresses that are refused, `CancellationError`.
    func send(
        _ call: RemoteCall, note: @Sendable (String) -> Void
    ) async throws -> Result<HTTPResponse, TransportError> {
        if let known = answers.answer(to: call) { return .success(known) }
        let result = try await repeating(call, note: note) { request in
            try await open(request, for: call).collect()
        } response: {
            $0
        }
        if case .success(let response) = result { answers.keep(response, to: call) }
        return result
    }

    /// An answer whose body is still to come; one that is no success is read whole.
    func stream(
        _ call: RemoteCall, note: @Sendable (String) -> Void
    ) async throws -> Result<OpenedStream, TransportError> {
        try await repeating(call, note: note) { request in
            let exchange = try await open(request, for: call)
            let head = HTTPResponse(status: exchange.status, headers: exchange.headers)
            guard !head.isSuccess else { return OpenedStream(head: head, exchange: exchange) }
            return OpenedStream(head: try await exchange.collect(), exchange: nil)
        } response: {
            $0.head
        }
    }

    /// The head of an answer, and its body where that is a stream.
    struct OpenedStream: Sendable {
        let head: HTTPResponse
        let exchange: HTTPExchange?
    }

    /// A websocket.
    func socket(_ call: RemoteCall) async throws -> Result<any WebSocketConnection, TransportError>
    {
        let request = try authorizer.request(for: call)
        do {
            return .success(try await transport.webSocket(request))
        } catch let error as TransportError {
            return .failure(error)
        }
    }

    private func repeating<Answer: Sendable>(
        _ call: RemoteCall, note: @Sendable (String) -> Void,
        _ exchange: (HTTPRequest) async throws -> Answer, response: (Answer) -> HTTPResponse
    ) async throws -> Result<Answer, TransportError> {
        let request = try authorizer.request(for: call)
        var attempt = 1
        while true {
            let result: Result<Answer, TransportError>
            do {
                result = .success(try await exchange(request))
            } catch let error as TransportError {
                try Task.checkCancellation()
                result = .failure(error)
            }
            let outcome: RetryPolicy.Outcome =
                switch result {
                case .success(let answer): .response(response(answer))
                case .failure(let error): .failure(error)
                }
            let pause = retry.pause(
                after: outcome, of: call.repetition, attempt: attempt, now: Date(),
                jitter: Double.random(in: 0..<1))
            guard let pause else { return result }
            if pause > .seconds(2) { note(Self.sentence(outcome, pause)) }
            try await Task.sleep(for: pause)
            attempt += 1
        }
    }

    private static func sentence(_ outcome: RetryPolicy.Outcome, _ pause: Duration) -> String {
        let seconds = Int(pause.components.seconds)
        switch outcome {
        case .response(let response):
            return "The service answers with status \(response.status); asking again in "
                + "\(seconds) s"
        case .failure(let error): return "\(error.summary); trying again in \(seconds) s"
        }
    }

    /// Opens an exchange and follows what may be followed.
    private func open(
        _ request: HTTPRequest, for call: RemoteCall
    ) async throws -> HTTPExchange {
        var request = request
        for _ in 0...3 {
            let exchange = try await transport.open(request)
            guard call.followsRedirects, [301, 302, 303, 307, 308].contains(exchange.status),
                let location = exchange.headers["Location"]
            else { return exchange }
            request.url = try Self.target(location, from: request.url)
        }
        throw RemoteError(.untrustedAddress, "The picture's address redirects too often")
    }

    private static func target(_ location: String, from url: URL) throws -> URL {
        let target = URL(string: location, relativeTo: url)?.absoluteURL
        let address = try ResultAddress(
            target?.absoluteString ?? location, from: Endpoint(url))
        guard url.scheme?.lowercased() != "https" || address.url.scheme?.lowercased() == "https"
        else {
            throw RemoteError(
                .untrustedAddress, "The picture's address redirects from https to http")
        }
        return address.url
    }
}
