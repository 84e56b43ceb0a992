import Synchronization

/// imagepipeline.io, SDXL v1: submit, poll, links to another origin.
public final class FakeImagePipeline: FakeService {
    /// How this instance behaves.
    public struct Behaviour: Sendable {
        /// Polls that answer PENDING before the outcome; 0 lets the submit answer at once.
        public var pendingPolls = 2
        /// Whether nothing ever ends.
        public var isStuck = false
        /// The failure, when there is one: the key and the text.
        public var failure: (key: String, text: String)?
        /// The links, in place of the real ones.
        public var links: WireJSON?
        /// A status word in place of the real one.
        public var statusWord: String?

        public init() {}
    }

    public static let kind = "imagepipeline"
    public let server: FakeServer
    /// The other origin of results.
    public let files: FakeFileHost
    public let key: String?
    private let state: Mutex<State>

    private struct State {
        var behaviour: Behaviour
        var jobs: [String: Job] = [:]
    }

    private struct Job {
        let operation: String
        let body: WireJSON
        var polls = 0
    }

    private init(server: FakeServer, files: FakeFileHost, key: String, behaviour: Behaviour) {
        self.server = server
        self.files = files
        self.key = key
        state = Mutex(State(behaviour: behaviour))
    }

    /// Starts the service and its file host.
    public static func start(
        port: Int = 0, key: String = "imagepipeline_fake_key", behaviour: Behaviour = Behaviour()
    ) async throws -> FakeImagePipeline {
        let server = try await FakeServer.start(port: port) { _ in FakeResponse(503) }
        let files = try await FakeFileHost.start()
        let service = FakeImagePipeline(
            server: server, files: files, key: key, behaviour: behaviour)
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

    private func answer(_ request: RecordedRequest) -> FakeResponse {
        guard carries(request, "api-key", key ?? "") else {
            return .json(401, ["error": "invalid API key"])
        }
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count >= 3, parts[0] == "sdxl", parts[2] == "v1",
            let fields = Self.fields[parts[1]]
        else { return .json(404, ["detail": "Not Found"]) }
        if request.method == "POST", parts.count == 3 {
            return submit(request, parts[1], fields)
        }
        guard request.method == "GET", parts.count == 5, parts[3] == "status" else {
            return .json(405, ["detail": "Method Not Allowed"])
        }
        return status(of: parts[4], parts[1])
    }

    private func submit(
        _ request: RecordedRequest, _ operation: String, _ fields: WireObject
    ) -> FakeResponse {
        guard let body = jsonBody(request) else { return .json(422, ["detail": "no JSON"]) }
        var problems = fields.problems(of: body)
        if body["lora_models"]?.elements?.count != body["lora_weights"]?.elements?.count {
            problems.append(
                WireProblem(
                    path: ["lora_weights"], message: "as many as lora_models", type: "value_error"))
        }
        note(problems, of: request)
        guard problems.isEmpty else {
            return .json(422, ["detail": .array(problems.map(\.fastAPI))])
        }
        let id = state.withLock { state in
            let id = "job-\(state.jobs.count + 1)"
            state.jobs[id] = Job(operation: operation, body: body)
            return id
        }
        return answer(id)
    }

    private func status(of id: String, _ operation: String) -> FakeResponse {
        guard state.withLock({ $0.jobs[id]?.operation }) == operation else {
            return .json(404, ["detail": "no such id for this operation"])
        }
        state.withLock { $0.jobs[id]?.polls += 1 }
        return answer(id)
    }

    private func answer(_ id: String) -> FakeResponse {
        let (behaviour, found) = state.withLock { ($0.behaviour, $0.jobs[id]) }
        guard let job = found else { return FakeResponse(404) }
        if let word = behaviour.statusWord {
            return .json(["id": .string(id), "status": .string(word)])
        }
        if behaviour.isStuck || job.polls < behaviour.pendingPolls {
            return .json(["id": .string(id), "status": "PENDING"])
        }
        if let failure = behaviour.failure {
            return .json(
                .object([
                    .init(key: "status", value: "FAILURE"),
                    .init(key: failure.key, value: .string(failure.text)),
                ]))
        }
        let links = behaviour.links ?? .array(links(of: id, job.body))
        return .json(["id": .string(id), "status": "SUCCESS", "download_urls": links])
    }

    private func links(of id: String, _ body: WireJSON) -> [WireJSON] {
        let seed = UInt64(max(0, body["seed"]?.integer ?? 0))
        return (0..<(body["samples"]?.integer ?? 1)).map { index in
            let picture = FakePicture.bytes(
                width: body["width"]?.integer ?? 1024, height: body["height"]?.integer ?? 1024,
                seed: seed + UInt64(index))
            return .string(
                files.hold(picture, type: "image/png", at: "/results/\(id)-\(index).png"))
        }
    }

    /// Fields per operation.
    private static let fields: [String: WireObject] = {
        let text: [String: WireType] = [
            "model_id": .filledString, "prompt": .string, "negative_prompt": .string,
            "num_inference_steps": .integer(1...100), "guidance_scale": .number(1...20),
            "samples": .integer(1...4), "width": .integer(8...1536), "height": .integer(8...1536),
            "seed": .integer(-1...Int.max), "safety_checker": .boolean, "refiner": .boolean,
            "scheduler": .choice([
                "UniPCMultistepScheduler", "EulerDiscreteScheduler", "DDIMScheduler",
                "DDPMScheduler", "HeunDiscreteScheduler", "DPMSolverMultistepScheduler",
            ]),
            "embeddings": .either([.filledString, .list(.filledString, count: 1...10)]),
            "strength": .number(0...1),
            "lora_models": .list(.filledString, count: 1...10),
            "lora_weights": .list(.filledString, count: 1...10),
            "ip_adapter": .list(.filledString, count: 1...10),
            "ip_adapter_scale": .list(.either([.number(0...10), .filledString]), count: 1...10),
            "ip_adapter_image": .link,
        ]
        let image = text.merging(["init_image": .link]) { $1 }
        let mask = image.merging(["mask_image": .link]) { $1 }
        return [
            "text2image": WireObject(required: ["model_id", "prompt"], text),
            "image2image": WireObject(required: ["model_id", "prompt", "init_image"], image),
            "inpainting": WireObject(
                required: ["model_id", "prompt", "init_image", "mask_image"], mask),
        ]
    }()
}

extension FakeResponse {
    /// A JSON answer with status 200.
    static func json(_ value: WireJSON) -> FakeResponse { .json(200, value) }
}
