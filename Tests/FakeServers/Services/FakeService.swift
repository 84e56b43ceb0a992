/// A service that can be asked for pictures over a loopback port.
public protocol FakeService: AnyObject, Sendable {
    /// The backend's kind, as configuration names it.
    static var kind: String { get }
    /// The server of the API.
    var server: FakeServer { get }
    /// What `--base-url` takes.
    var baseURL: String { get }
    /// The key that is accepted, nil where none is needed.
    var key: String? { get }
    /// Stops every server of the service.
    func stop() async
}

extension FakeService {
    public var baseURL: String { server.origin }

    public func stop() async { await server.stop() }

    /// Whether the request carries exactly this credential, once.
    func carries(_ request: RecordedRequest, _ header: String, _ value: String) -> Bool {
        request.value(of: header) == value
    }

    /// The body as JSON, or nil with a note when the type or the text is wrong.
    func jsonBody(_ request: RecordedRequest) -> WireJSON? {
        guard request.mediaType == "application/json" else {
            server.note("\(request.line): the body is not declared as application/json")
            return nil
        }
        guard let json = request.json else {
            server.note("\(request.line): the body is not JSON: \(request.text.prefix(200))")
            return nil
        }
        return json
    }

    /// Notes problems of a body, so that a test sees them even when the answer is used up.
    func note(_ problems: [WireProblem], of request: RecordedRequest) {
        for problem in problems { server.note("\(request.line): \(problem)") }
    }
}
