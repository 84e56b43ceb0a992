import Synchronization

/// stable-diffusion.cpp's own job API.
public final class FakeSDServer: FakeService {
    /// How this instance behaves.
    public struct Behaviour: Sendable {
        /// Polls that answer queued, and then generating, before the outcome.
        public var queuedPolls = 1
        public var generatingPolls = 1
        /// Whether nothing ever ends.
        public var isStuck = false
        /// The error's text when jobs fail.
        public var failure: String?
        /// Jobs that the queue takes.
        public var queueSize = 8
        /// Whether running jobs can be cancelled.
        public var cancelsRunning = true

        public init() {}
    }

    public static let kind = "sdserver"
    public let server: FakeServer
    public let key: String? = nil
    private let state: Mutex<State>

    private struct Job {
        let body: WireJSON
        var polls = 0
        var isCancelled = false
    }

    private struct State {
        var behaviour: Behaviour
        var jobs: [String: Job] = [:]
    }

    private init(server: FakeServer, behaviour: Behaviour) {
        self.server = server
        state = Mutex(State(behaviour: behaviour))
    }

    /// Starts the server.
    public static func start(
        port: Int = 0, behaviour: Behaviour = Behaviour()
    ) async throws -> FakeSDServer {
        let server = try await FakeServer.start(port: port) { _ in FakeResponse(503) }
        let service = FakeSDServer(server: server, behaviour: behaviour)
        server.serve { [weak service] in service?.answer($0) ?? FakeResponse(503) }
        return service
    }

    /// Changes how the server behaves.
    public func behave(_ change: @Sendable (inout Behaviour) -> Void) {
        state.withLock { change(&$0.behaviour) }
    }

    /// Jobs that were cancelled.
    public var cancelledJobs: [String] {
        state.withLock { $0.jobs.filter(\.value.isCancelled).map(\.key).sorted() }
    }

    private func answer(_ request: RecordedRequest) -> FakeResponse {
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count >= 3, parts[0] == "sdcpp", parts[1] == "v1" else {
            return .json(404, ["error": "not found"])
        }
        switch (request.method, parts[2], parts.count) {
        case ("GET", "capabilities", 3): return .json(Self.capabilities)
        case ("POST", "img_gen", 3): return submit(request)
        case ("GET", "jobs", 4): return status(parts[3])
        case ("POST", "jobs", 5) where parts[4] == "cancel": return cancel(parts[3])
        default: return .json(404, ["error": "not found"])
        }
    }

    private func submit(_ request: RecordedRequest) -> FakeResponse {
        guard let body = jsonBody(request) else { return .json(400, ["error": "invalid JSON"]) }
        var problems = Self.fields.problems(of: body)
        for tag in ["<lora:", "<sd_cpp_extra_args>"]
        where body["prompt"]?.text?.contains(tag) == true {
            problems.append(
                WireProblem(path: ["prompt"], message: "holds \(tag)", type: "value_error"))
        }
        note(problems, of: request)
        guard problems.isEmpty else {
            return .json(
                400, ["error": .string(problems.map(\.description).joined(separator: "; "))])
        }
        let accepted = state.withLock { state -> String? in
            let waiting = state.jobs.values.filter { $0.polls == 0 && !$0.isCancelled }.count
            guard waiting < state.behaviour.queueSize else { return nil }
            let id = "job_\(state.jobs.count + 1)"
            state.jobs[id] = Job(body: body)
            return id
        }
        guard let id = accepted else { return .json(429, ["error": "queue is full"]) }
        return .json(
            202,
            [
                "id": .string(id), "kind": "img_gen", "status": "queued", "created": 1_775_401_200,
                "poll_url": .string("/sdcpp/v1/jobs/\(id)"),
            ])
    }

    private func status(_ id: String) -> FakeResponse {
        let (behaviour, found) = state.withLock { state -> (Behaviour, Job?) in
            state.jobs[id]?.polls += 1
            return (state.behaviour, state.jobs[id])
        }
        guard let job = found else { return .json(404, ["error": "job not found"]) }
        func answer(
            _ status: String, result: WireJSON = .null, error: WireJSON = .null
        ) -> FakeResponse {
            .json([
                "id": .string(id), "kind": "img_gen", "status": .string(status),
                "created": 1_775_401_200, "started": .null, "completed": .null,
                "queue_position": status == "queued" ? 2 : 0, "result": result, "error": error,
            ])
        }
        if job.isCancelled {
            return answer(
                "cancelled", error: ["code": "cancelled", "message": "job cancelled by client"])
        }
        if job.polls <= behaviour.queuedPolls { return answer("queued") }
        if behaviour.isStuck || job.polls <= behaviour.queuedPolls + behaviour.generatingPolls {
            return answer("generating")
        }
        if let failure = behaviour.failure {
            return answer(
                "failed", error: ["code": "generation_failed", "message": .string(failure)])
        }
        return answer("completed", result: result(job.body))
    }

    private func result(_ body: WireJSON) -> WireJSON {
        let format = body["output_format"]?.text ?? "png"
        let seed = UInt64(max(0, body["seed"]?.integer ?? 0))
        let images = (0..<(body["batch_count"]?.integer ?? 1)).map { index -> WireJSON in
            let picture = FakePicture.base64(
                width: body["width"]?.integer ?? 512, height: body["height"]?.integer ?? 512,
                seed: seed + UInt64(index), as: format == "jpeg" ? .jpeg : .png)
            return ["index": .integer(index), "b64_json": .string(picture)]
        }
        return ["output_format": .string(format), "images": .array(images)]
    }

    private func cancel(_ id: String) -> FakeResponse {
        let outcome = state.withLock { state -> Int in
            guard let job = state.jobs[id] else { return 404 }
            let isRunning = job.polls > state.behaviour.queuedPolls
            guard !isRunning || state.behaviour.cancelsRunning else { return 409 }
            state.jobs[id]?.isCancelled = true
            return 200
        }
        return outcome == 200
            ? .json(["id": .string(id), "status": "cancelled"])
            : .json(outcome, ["error": "cannot cancel"])
    }

    private static let capabilities: WireJSON = [
        "model": ["name": "sdxl.safetensors", "stem": "sdxl", "path": "/models/sdxl.safetensors"],
        "current_mode": "img_gen", "supported_modes": ["img_gen"],
        "samplers": ["default", "euler", "euler_a", "dpm++2m", "lcm"],
        "schedulers": ["default", "discrete", "karras", "exponential", "ays", "sgm_uniform"],
        "loras": [["name": "pixel", "path": "art/pixel.safetensors"]], "upscalers": [],
        "limits": [
            "min_width": 64, "max_width": 4096, "min_height": 64, "max_height": 4096,
            "max_batch_count": 4, "max_queue_size": 8,
        ],
        "features_by_mode": ["img_gen": ["cancel_queued": true, "cancel_generating": false]],
    ]

    private static let fields = WireObject(
        required: ["prompt"],
        [
            "prompt": .filledString, "negative_prompt": .string, "width": .integer(64...4096),
            "height": .integer(64...4096), "seed": .integer(-1...Int.max),
            "batch_count": .integer(1...4), "strength": .number(0...1),
            "clip_skip": .integer(-1...12),
            "sample_params": .object(
                WireObject([
                    "scheduler": .choice([
                        "discrete", "karras", "exponential", "ays", "sgm_uniform",
                    ]),
                    "sample_method": .choice(["euler", "euler_a", "dpm++2m", "lcm"]),
                    "sample_steps": .integer(1...1000), "eta": .number(0...10),
                    "guidance": .object(
                        WireObject([
                            "txt_cfg": .number(0...100), "img_cfg": .number(0...100),
                            "distilled_guidance": .number(0...100), "slg": .map(.anything),
                        ])),
                ])),
            "init_image": .pictureOrDataURI, "mask_image": .pictureOrDataURI,
            "ref_images": .list(.pictureOrDataURI, count: 0...8),
            "control_image": .pictureOrDataURI, "control_strength": .number(0...10),
            "lora": .list(
                .object(
                    WireObject(
                        required: ["path"],
                        [
                            "path": .choice(["art/pixel.safetensors"]),
                            "multiplier": .number(-10...10), "is_high_noise": .boolean,
                        ])), count: 0...20),
            "hires": .object(
                WireObject([
                    "enabled": .boolean, "upscaler": .filledString, "scale": .number(1...8),
                    "steps": .integer(0...1000), "denoising_strength": .number(0...1),
                ])),
            "vae_tiling_params": .map(.anything), "cache_mode": .filledString,
            "output_format": .choice(["png", "jpeg"]), "output_compression": .integer(0...100),
        ])
}
