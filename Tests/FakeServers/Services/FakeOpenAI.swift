import Synchronization

/// OpenAI's images API, or a local server in its shape.
public final class FakeOpenAI: FakeService {
    /// How this instance behaves.
    public struct Behaviour: Sendable {
        /// Whether pictures come as links.
        public var answersLinks = false
        /// `data` in place of the real list.
        public var data: WireJSON?

        public init() {}
    }

    public static let kind = "openai"
    public let server: FakeServer
    /// The other origin of links.
    public let files: FakeFileHost
    public let key: String?
    private let state: Mutex<Behaviour>

    private init(server: FakeServer, files: FakeFileHost, key: String?, behaviour: Behaviour) {
        self.server = server
        self.files = files
        self.key = key
        state = Mutex(behaviour)
    }

    /// Starts the server and its file host.
    public static func start(
        port: Int = 0, key: String? = "sk-fake-key", behaviour: Behaviour = Behaviour()
    ) async throws -> FakeOpenAI {
        let server = try await FakeServer.start(port: port) { _ in FakeResponse(503) }
        let files = try await FakeFileHost.start()
        let service = FakeOpenAI(server: server, files: files, key: key, behaviour: behaviour)
        server.serve { [weak service] in service?.answer($0) ?? FakeResponse(503) }
        return service
    }

    public func stop() async {
        await server.stop()
        await files.server.stop()
    }

    /// Changes how the server behaves.
    public func behave(_ change: @Sendable (inout Behaviour) -> Void) {
        state.withLock { change(&$0) }
    }

    private func answer(_ request: RecordedRequest) -> FakeResponse {
        if let key, !carries(request, "authorization", "Bearer \(key)") {
            return Self.error(401, "Incorrect API key provided.", "invalid_api_key")
        }
        switch request.line {
        case "GET /v1/models":
            return .json(["data": [["id": "gpt-image-1", "object": "model"]]])
        case "POST /v1/images/generations":
            guard let body = jsonBody(request) else { return Self.error(400, "no JSON", "json") }
            let problems = Self.fields.problems(of: body)
            note(problems, of: request)
            guard problems.isEmpty else { return Self.error(400, "\(problems[0])", "invalid") }
            return pictures(
                body["n"]?.integer ?? 1, body["size"]?.text, body["output_format"]?.text)
        case "POST /v1/images/edits": return edit(request)
        default: return Self.error(404, "Invalid URL (\(request.line))", "not_found")
        }
    }

    private func edit(_ request: RecordedRequest) -> FakeResponse {
        guard let form = WireForm(request) else {
            server.note("\(request.line): the form is broken")
            return Self.error(400, "The form cannot be read.", "form")
        }
        let known: Set = [
            "model", "prompt", "image[]", "image", "mask", "n", "size", "quality", "background",
            "output_format", "output_compression",
        ]
        for part in form.parts where !known.contains(part.name) {
            server.note("\(request.line): unknown field \(part.name)")
            return Self.error(400, "Unknown parameter: '\(part.name)'.", "unknown_parameter")
        }
        let images = form.parts.filter { ["image[]", "image"].contains($0.name) }
        guard form["prompt"] != nil, !images.isEmpty,
            (images + form.parts.filter { $0.name == "mask" }).allSatisfy({
                $0.file != nil && ["image/png", "image/jpeg"].contains($0.type)
            })
        else {
            server.note("\(request.line): prompt or image is missing or not a picture")
            return Self.error(400, "image and prompt are required.", "missing")
        }
        return pictures(
            form["n"].flatMap { Int($0.text) } ?? 1, form["size"]?.text,
            form["output_format"]?.text)
    }

    private func pictures(_ count: Int, _ size: String?, _ format: String?) -> FakeResponse {
        let behaviour = state.withLock { $0 }
        let sides = (size ?? "64x64").split(separator: "x").compactMap { Int($0) }
        let data = (0..<count).map { index -> WireJSON in
            let picture = FakePicture.bytes(
                width: sides.first ?? 64, height: sides.last ?? 64, seed: UInt64(index),
                as: format == "jpeg" ? .jpeg : .png)
            guard behaviour.answersLinks else {
                return ["b64_json": .string(FakePicture.encoded(picture))]
            }
            let link = files.hold(picture, type: "image/png", at: "/images/\(index).png")
            return ["url": .string(link)]
        }
        return .json(["created": 1_775_401_200, "data": behaviour.data ?? .array(data)])
    }

    private static func error(_ status: Int, _ message: String, _ code: String) -> FakeResponse {
        .json(
            status,
            [
                "error": [
                    "message": .string(message), "type": "invalid_request_error", "param": .null,
                    "code": .string(code),
                ]
            ])
    }

    private static let fields = WireObject(
        required: ["prompt"],
        [
            "prompt": .filledString, "model": .filledString, "n": .integer(1...10),
            "size": .filledString, "quality": .filledString,
            "output_format": .choice(["png", "jpeg", "webp"]),
            "output_compression": .integer(0...100),
            "background": .choice(["transparent", "opaque", "auto"]),
            "response_format": .choice(["url", "b64_json"]),
        ])
}
