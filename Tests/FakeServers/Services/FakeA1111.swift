import Synchronization

/// AUTOMATIC1111's `sdapi/v1`, or one of the servers that speak a part of it.
public final class FakeA1111: FakeService {
    /// Which server it is.
    public enum Dialect: Sendable, Equatable {
        /// A1111 from 1.9 on, Forge.
        case webUI
        /// Before 1.9: schedules are part of the sampler's name.
        case oldWebUI
        /// stable-diffusion.cpp: neither progress nor interrupt, `info` is empty.
        case stableDiffusionCpp
    }

    /// How this instance behaves.
    public struct Behaviour: Sendable {
        public var dialect = Dialect.webUI
        /// Time per step.
        public var pace = Duration.milliseconds(1)
        /// `user:password`, when the server asks for it.
        public var login: String?
        /// Whether a grid stands before the picture.
        public var putsGridFirst = false
        /// `images` in place of the real ones.
        public var images: WireJSON?
        /// A progress answer in place of the real one.
        public var progress: WireJSON?
        /// Whether the extension ControlNet is installed.
        public var hasControlNet = true
        /// Whether the extension lists its models and preprocessors.
        public var listsControlModels = true

        public init() {}
    }

    public static let kind = "a1111"
    public let server: FakeServer
    public var key: String? { behaviour.login }
    private let state: Mutex<State>

    private struct State {
        var behaviour: Behaviour
        var step = 0
        var steps = 0
        var isRunning = false
        var isInterrupted = false
    }

    private init(server: FakeServer, behaviour: Behaviour) {
        self.server = server
        state = Mutex(State(behaviour: behaviour))
    }

    /// Starts the server.
    public static func start(
        port: Int = 0, behaviour: Behaviour = Behaviour()
    ) async throws -> FakeA1111 {
        let server = try await FakeServer.start(port: port) { _ in FakeResponse(503) }
        let service = FakeA1111(server: server, behaviour: behaviour)
        server.serve { [weak service] in await service?.answer($0) ?? FakeResponse(503) }
        return service
    }

    /// Changes how the server behaves.
    public func behave(_ change: @Sendable (inout Behaviour) -> Void) {
        state.withLock { change(&$0.behaviour) }
    }

    private var behaviour: Behaviour { state.withLock { $0.behaviour } }

    /// Whether a picture is being made.
    public var isRunning: Bool { state.withLock { $0.isRunning } }

    private func answer(_ request: RecordedRequest) async -> FakeResponse {
        let behaviour = behaviour
        if let login = behaviour.login {
            let basic = "Basic " + FakePicture.encoded(Array(login.utf8))
            guard carries(request, "authorization", basic) else {
                return .json(401, ["detail": "Incorrect username or password"])
            }
        }
        let isCpp = behaviour.dialect == .stableDiffusionCpp
        switch request.line {
        case "POST /sdapi/v1/txt2img": return await generate(request, Self.textFields)
        case "POST /sdapi/v1/img2img": return await generate(request, Self.imageFields)
        case "GET /sdapi/v1/samplers": return .json(.array(samplers(behaviour.dialect)))
        case "GET /sdapi/v1/schedulers" where behaviour.dialect != .oldWebUI:
            return .json(.array(schedulers(behaviour.dialect)))
        case "GET /sdapi/v1/sd-models":
            return .json([
                ["title": "sdxl-base.safetensors [31e35c80fc]", "model_name": "sdxl-base"],
                ["title": "refiner.safetensors [7440042bbd]", "model_name": "refiner"],
            ])
        case "GET /sdapi/v1/scripts" where !isCpp:
            let scripts: WireJSON =
                behaviour.hasControlNet ? ["refiner", "controlnet", "seed"] : ["refiner", "seed"]
            return .json(["txt2img": scripts, "img2img": scripts])
        case "GET /controlnet/model_list" where !isCpp && behaviour.listsControlModels:
            return .json(["model_list": .array(Self.controlModels.map { .string($0) })])
        case "GET /controlnet/module_list" where !isCpp && behaviour.listsControlModels:
            return .json(["module_list": .array(Self.controlModules.map { .string($0) })])
        case "GET /sdapi/v1/progress" where !isCpp: return progress(request)
        case "POST /sdapi/v1/interrupt" where !isCpp:
            state.withLock { $0.isInterrupted = true }
            return .json([:])
        case "GET /sdcpp/v1/capabilities" where isCpp:
            return .json([
                "limits": ["max_batch_count": 8],
                "loras": [["name": "pixel", "path": "art/pixel.safetensors"]],
            ])
        default: return .json(404, ["detail": "Not Found"])
        }
    }

    // MARK: Pictures

    private func generate(_ request: RecordedRequest, _ fields: WireObject) async -> FakeResponse {
        guard let body = jsonBody(request) else {
            return .json(422, ["detail": [["loc": ["body"], "msg": "not JSON", "type": "json"]]])
        }
        var problems = fields.problems(of: body)
        if behaviour.dialect == .stableDiffusionCpp {
            problems += Self.cppProblems(body)
        } else if body["lora"] != nil || body["clip_skip"] != nil {
            problems.append(
                WireProblem(path: ["lora"], message: "stable-diffusion.cpp only", type: "extra"))
        }
        note(problems, of: request)
        // The real server ignores unknown fields, so only the note tells of them.
        let serious = problems.filter { !$0.type.hasSuffix("extra") }
        if let script = body["alwayson_scripts"]?.keys.first(where: { !knows(script: $0) }) {
            return .json(422, ["detail": .string("always on script \(script) not found")])
        }
        guard serious.isEmpty else {
            return .json(422, ["detail": .array(serious.map(\.fastAPI))])
        }
        if let refusal = refusal(body) { return refusal }
        await run(body["steps"]?.integer ?? 50)
        return finished(body)
    }

    private func knows(script: String) -> Bool {
        script != "controlnet" || behaviour.hasControlNet
    }

    /// Names that the server does not know.
    private func refusal(_ body: WireJSON) -> FakeResponse? {
        func missing(_ detail: String) -> FakeResponse {
            .json(
                404,
                [
                    "error": "HTTPException", "detail": .string(detail), "body": "", "errors": "",
                ])
        }
        let samplers = samplers(behaviour.dialect).compactMap { $0["name"]?.text }
        if let name = body["sampler_name"]?.text, !samplers.contains(name) {
            return missing("Sampler not found")
        }
        if let images = body["init_images"], images.elements?.isEmpty != false {
            return missing("Init image not found")
        }
        return nil
    }

    private func run(_ steps: Int) async {
        state.withLock {
            $0.isRunning = true
            $0.isInterrupted = false
            $0.step = 0
            $0.steps = steps
        }
        for step in 1...max(1, steps) {
            try? await Task.sleep(for: behaviour.pace)
            let isInterrupted = state.withLock { state in
                state.step = step
                return state.isInterrupted
            }
            if isInterrupted { break }
        }
        state.withLock { $0.isRunning = false }
    }

    private func finished(_ body: WireJSON) -> FakeResponse {
        let behaviour = behaviour
        let asked = body["seed"]?.integer ?? -1
        let seed = asked < 0 ? 4711 : asked
        let picture = WireJSON.string(
            FakePicture.base64(
                width: body["width"]?.integer ?? 512, height: body["height"]?.integer ?? 512,
                seed: UInt64(seed)))
        let grid = WireJSON.string(FakePicture.base64(width: 16, height: 16, seed: 99))
        let images: WireJSON = behaviour.putsGridFirst ? [grid, picture] : [picture]
        let info: WireJSON = [
            "seed": .integer(seed), "all_seeds": [.integer(seed)], "infotexts": [""],
            "index_of_first_image": behaviour.putsGridFirst ? 1 : 0,
        ]
        let isCpp = behaviour.dialect == .stableDiffusionCpp
        return .json([
            "images": behaviour.images ?? images, "parameters": [:],
            "info": .string(isCpp ? "" : info.serialised),
        ])
    }

    private func progress(_ request: RecordedRequest) -> FakeResponse {
        if let fixed = behaviour.progress { return .json(fixed) }
        let (step, steps, isRunning, isInterrupted) = state.withLock {
            ($0.step, $0.steps, $0.isRunning, $0.isInterrupted)
        }
        let hasPicture = request.query["skip_current_image"] != "true" && step > 0 && isRunning
        let picture = FakePicture.base64(width: 16, height: 16, seed: UInt64(step))
        let share = isRunning && steps > 0 ? 0.01 + 0.99 * Double(step) / Double(steps) : 0
        return .json([
            "progress": .number(String(share)), "eta_relative": 1.5,
            "state": [
                "skipped": false, "interrupted": .bool(isInterrupted),
                "stopping_generation": false, "job": "", "job_count": isRunning ? 1 : 0,
                "job_timestamp": "20260102030405", "job_no": 0, "sampling_step": .integer(step),
                "sampling_steps": .integer(steps),
            ],
            "current_image": hasPicture ? .string(picture) : .null, "textinfo": .null,
        ])
    }

    private func samplers(_ dialect: Dialect) -> [WireJSON] {
        let names =
            switch dialect {
            case .webUI: ["DPM++ 2M", "Euler a", "Euler", "UniPC", "DDIM", "Restart"]
            case .oldWebUI: ["Euler a", "Euler", "DPM++ 2M", "DPM++ 2M Karras", "DDIM"]
            case .stableDiffusionCpp: ["default", "euler", "euler_a", "dpm++2m", "lcm"]
            }
        return names.map { ["name": .string($0), "aliases": [.string($0)], "options": [:]] }
    }

    private func schedulers(_ dialect: Dialect) -> [WireJSON] {
        guard dialect != .stableDiffusionCpp else {
            return ["default", "discrete", "karras", "sgm_uniform"].map {
                ["name": .string($0), "label": .string($0)]
            }
        }
        return [
            ("automatic", "Automatic"), ("karras", "Karras"), ("sgm_uniform", "SGM Uniform"),
            ("simple", "Simple"),
        ].map { ["name": .string($0.0), "label": .string($0.1), "aliases": .null] }
    }
}
