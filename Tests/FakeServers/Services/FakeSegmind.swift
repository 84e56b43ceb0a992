import Synchronization

/// segmind's `sdxl-torch`, v1 (blocking) and v2 (submit and poll).
public final class FakeSegmind: FakeService {
    /// How this instance behaves.
    public struct Behaviour: Sendable {
        /// The key of a base64 picture.
        public var imageKey = "image"
        /// Whether base64 comes as bare text instead of JSON.
        public var answersBareText = false
        /// Credits before the next call; nil leaves the header away.
        public var credits: Double? = 100.5
        /// Polls that answer QUEUED or PROCESSING before the outcome of v2.
        public var pendingPolls = 2
        /// The text of a failed v2 job, which comes with HTTP 422.
        public var failure: String?
        /// The origin of v2's URLs, when it is not the API's own.
        public var foreignOrigin: String?

        public init() {}
    }

    public static let kind = "segmind"
    public let server: FakeServer
    /// The other origin of v2's results.
    public let files: FakeFileHost
    public let key: String?
    public var baseURL: String { server.origin + "/v1" }
    private let state: Mutex<State>

    private struct State {
        var behaviour: Behaviour
        var jobs: [String: (body: WireJSON, polls: Int)] = [:]
    }

    private init(server: FakeServer, files: FakeFileHost, key: String, behaviour: Behaviour) {
        self.server = server
        self.files = files
        self.key = key
        state = Mutex(State(behaviour: behaviour))
    }

    /// Starts the service and its file host.
    public static func start(
        port: Int = 0, key: String = "SG_fake_key", behaviour: Behaviour = Behaviour()
    ) async throws -> FakeSegmind {
        let server = try await FakeServer.start(port: port) { _ in FakeResponse(503) }
        let files = try await FakeFileHost.start()
        let service = FakeSegmind(server: server, files: files, key: key, behaviour: behaviour)
        server.serve { [weak service] in service?.answer($0) ?? FakeResponse(503) }
        return service
    }

    public func stop() async {
        await server.stop()
        await files.server.stop()
    }

    /// Changes how the service behaves.
    public func behave(_ change: @Sendable (inout Behaviour) -> Void) {
        state.withLock { change(&$0.behaviour) }
    }

    private var behaviour: Behaviour { state.withLock { $0.behaviour } }

    private func answer(_ request: RecordedRequest) -> FakeResponse {
        guard carries(request, "x-api-key", key ?? "") else {
            return .json(401, ["error": "invalid api key"])
        }
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.first, parts.count) {
        case ("POST", "v1", 2) where parts[1] == "sdxl-torch": return generate(request)
        case ("POST", "v2", 2) where parts[1] == "sdxl-torch": return submit(request)
        case ("GET", "v1", 2) where parts[1] == "get-user-credits":
            return .json(["credits": .number(String(behaviour.credits ?? 0))])
        case ("GET", "v2", 4) where parts[1] == "requests":
            return poll(parts[2], wantsResult: parts[3] == "response")
        case ("GET", "v1", 2) where parts[1] == "sdxl-torch":
            return .json(405, ["error": "method not allowed"])
        default: return .json(404, ["error": "no such model"])
        }
    }

    /// Checks the fields and takes the price.
    private func accept(_ request: RecordedRequest) -> (body: WireJSON?, refusal: FakeResponse) {
        guard let body = jsonBody(request) else {
            return (nil, .json(400, ["error": "the body is not JSON"]))
        }
        let problems = Self.fields.problems(of: body)
        note(problems, of: request)
        guard problems.isEmpty else {
            let text = problems.map(\.description).joined(separator: "; ")
            return (nil, .json(400, ["error": .string(text)]))
        }
        let isPaid = state.withLock { state -> Bool in
            guard let credits = state.behaviour.credits else { return true }
            guard credits >= 1 else { return false }
            state.behaviour.credits = credits - 1
            return true
        }
        guard isPaid else {
            return (nil, .json(406, ["error": "not enough credits"], headers: creditHeader))
        }
        return (body, FakeResponse(200))
    }

    private func generate(_ request: RecordedRequest) -> FakeResponse {
        let (accepted, refusal) = accept(request)
        guard let body = accepted else { return refusal }
        let count = body["samples"]?.integer ?? 1
        if body["base64"]?.truth == false {
            return FakeResponse(
                200, "image/jpeg", Self.picture(body, 0, .jpeg), headers: creditHeader)
        }
        let pictures = (0..<count).map { FakePicture.encoded(Self.picture(body, $0, .jpeg)) }
        if behaviour.answersBareText {
            return .text(200, pictures.first ?? "", headers: creditHeader)
        }
        let value: WireJSON =
            count == 1 ? .string(pictures[0]) : .array(pictures.map { .string($0) })
        return .json(
            200, .object([.init(key: behaviour.imageKey, value: value)]), headers: creditHeader)
    }

    private func submit(_ request: RecordedRequest) -> FakeResponse {
        let (accepted, refusal) = accept(request)
        guard let body = accepted else { return refusal }
        let id = state.withLock { state in
            let id = "request-\(state.jobs.count + 1)"
            state.jobs[id] = (body, 0)
            return id
        }
        let base = (behaviour.foreignOrigin ?? server.origin) + "/v2/requests/\(id)/"
        return .json(
            200,
            [
                "request_id": .string(id), "status": "QUEUED",
                "poll_url": .string(base + "status"), "status_url": .string(base + "status"),
                "response_url": .string(base + "response"),
            ], headers: creditHeader)
    }

    private func poll(_ id: String, wantsResult: Bool) -> FakeResponse {
        let found = state.withLock { state -> (body: WireJSON, polls: Int)? in
            if !wantsResult { state.jobs[id]?.polls += 1 }
            return state.jobs[id]
        }
        guard let job = found else { return .json(404, ["error": "no such request"]) }
        let behaviour = behaviour
        func members(_ status: String) -> [WireJSON.Member] {
            [
                .init(key: "request_id", value: .string(id)),
                .init(key: "status", value: .string(status)),
                .init(key: "metrics", value: ["inference_time": 1.5]),
            ]
        }
        guard job.polls > behaviour.pendingPolls else {
            return .json(.object(members(job.polls > 1 ? "PROCESSING" : "QUEUED")))
        }
        if let failure = behaviour.failure {
            return .json(
                422, .object(members("FAILED") + [.init(key: "error", value: .string(failure))]))
        }
        guard wantsResult else { return .json(.object(members("COMPLETED"))) }
        let links = (0..<(job.body["samples"]?.integer ?? 1)).map { index in
            WireJSON.string(
                files.hold(
                    Self.picture(job.body, index, .jpeg), type: "image/jpeg",
                    at: "/results/\(id)-\(index).jpg"))
        }
        let output = links.count == 1 ? links[0] : .array(links)
        return .json(.object(members("COMPLETED") + [.init(key: "output", value: output)]))
    }

    private var creditHeader: [(name: String, value: String)] {
        behaviour.credits.map { [("x-remaining-credits", String($0))] } ?? []
    }

    private static func picture(
        _ body: WireJSON, _ index: Int, _ format: FakePicture.Format
    ) -> [UInt8] {
        let seed = UInt64(max(0, body["seed"]?.integer ?? 0)) + UInt64(index)
        return FakePicture.bytes(width: 1024, height: 1024, seed: seed, as: format)
    }

    /// Fields of both versions.
    private static let fields = WireObject(
        required: ["prompt"],
        [
            "prompt": .string, "negative_prompt": .string, "style": .filledString,
            "samples": .integer(1...4), "scheduler": .filledString,
            "num_inference_steps": .integer(20...100), "guidance_scale": .number(1...25),
            "strength": .number(0.1...1), "high_noise_fraction": .number(0...1),
            "seed": .integer(-1...999_999_999_999_999), "img_width": .integer(1024...1024),
            "img_height": .integer(1024...1024), "refiner": .boolean, "base64": .boolean,
        ])
}
