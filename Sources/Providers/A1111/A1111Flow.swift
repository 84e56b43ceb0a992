import Generation
import Images

/// Asks what the server has, then makes one picture after the other while progress is polled.
struct A1111Flow: RemoteFlow {
    /// What to say when the routes are missing.
    static let missingAPI = "there is no /sdapi/v1 at this address; start the server with --api"

    private let job: RemoteJob
    private let title = "A1111"
    private var findings = A1111Findings()
    private var questions: Set<CallID> = []
    private var next = 0
    private var isGenerating = false
    /// nil until the server has answered once.
    private var hasProgress: Bool?
    private var bestProgress = -1.0
    private var lastStep = 0
    private var wasInterrupted = false
    /// Whether a question about progress is under way or its time is waited for: one at a time for
    /// the whole job, so that none has to be broken off when a picture comes.
    private var isAsking = false

    init(_ job: RemoteJob) { self.job = job }

    private var request: GenerationRequest { job.request }
    private var pictureCount: Int { max(1, request.seeds.count) }

    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand] {
        switch event {
        case .start: return begin()
        case .resume:
            throw RemoteError(.notFound, "\(title) keeps no tasks: the result cannot be fetched")
        case .response("picture", let response): return try received(response)
        case .response(let id, let response) where Self.isProgress(id):
            return progressed(id, response)
        case .response("interrupt", _): return []
        case .response(let id, let response): return try answered(id, response)
        case .failure("picture", let error):
            throw RemoteError(error, service: title, mayBeBilled: false)
        case .failure(let id, _) where Self.isProgress(id): return [.wait("poll", pace)]
        case .failure("interrupt", _): return []
        case .failure(let id, let error):
            guard questions.contains(id) else { return [] }
            throw RemoteError(error, service: title, mayBeBilled: false)
        case .timer("poll"): return isGenerating ? [.send(progressCall)] : []
        case .cancel: return isGenerating && hasProgress != false ? [.send(interruptCall)] : []
        default: return []
        }
    }

    private var pace: Duration { job.pollInterval ?? .milliseconds(500) }

    // MARK: Questions

    private mutating func begin() -> [FlowCommand] {
        var routes = [("samplers", ["sdapi", "v1", "samplers"])]
        if request.schedule != .default {
            routes.append(("schedulers", ["sdapi", "v1", "schedulers"]))
        }
        if request.model != nil || request.refiner != nil {
            routes.append(("sd-models", ["sdapi", "v1", "sd-models"]))
        }
        if !request.controls.isEmpty {
            routes.append(("scripts", ["sdapi", "v1", "scripts"]))
            routes.append(("control models", ["controlnet", "model_list"]))
        }
        if request.controls.contains(where: { $0.preprocessor != nil }) {
            routes.append(("control modules", ["controlnet", "module_list"]))
        }
        if needsDialect { routes.append(("capabilities", ["sdcpp", "v1", "capabilities"])) }
        questions = Set(routes.map { CallID($0.0) })
        var commands: [FlowCommand] = []
        if ServerPrompt(request).hasLostArguments {
            commands.append(
                .report(.warning("<sd_cpp_extra_args> was taken out of the prompt")))
        }
        return commands
            + routes.map { id, path in
                let url = job.endpoint.url(path: path)
                return .send(
                    RemoteCall(
                        CallID(id), HTTPRequest(.get, url, limits: .brief), repetition: .safe))
            }
    }

    /// Whether it matters if the server is stable-diffusion.cpp, which ignores what it lacks.
    private var needsDialect: Bool {
        let plain = GenerationRequest(prompt: "")
        return request.model != nil || request.vae != nil || request.refiner != nil
            || request.noiseSource != plain.noiseSource || request.isGiven(.clipSkip)
            || request.variationSeed != nil || request.tiling != .none || !request.extras.isEmpty
            || request.effectivePrompt.contains("<") || !request.loras.isEmpty
            || !request.controls.isEmpty
    }

    private mutating func answered(
        _ id: CallID, _ response: HTTPResponse
    ) throws -> [FlowCommand] {
        guard questions.remove(id) != nil else { return [] }
        switch id {
        case "samplers": try readSamplers(response)
        case "schedulers": try readSchedulers(response)
        case "sd-models": try readModels(response)
        case "scripts": try findings.control.readScripts(response, route: mapping.route)
        case "control models": try findings.control.readModels(response, of: request.controls)
        case "control modules": try findings.control.readModules(response, of: request.controls)
        default: try readDialect(response)
        }
        return questions.isEmpty ? try generate() : []
    }

    private mutating func readSamplers(_ response: HTTPResponse) throws {
        guard response.status != 404 else {
            throw RemoteError(.notFound, "\(title): \(Self.missingAPI)")
        }
        let names = try list(response) { sampler in
            [sampler["name"]?.text].compactMap { $0 }
        }
        guard let sampler = request.sampler else { return }
        findings.sampler = NameMatch.find(SamplerNames.allNames(of: sampler), among: names)
        guard findings.sampler != nil else {
            throw RemoteError(
                .refused, "The server has no sampler \(sampler.rawValue)",
                hint: "it has: \(NameMatch.excerpt(names))")
        }
    }

    private mutating func readSchedulers(_ response: HTTPResponse) throws {
        let label = SamplerNames.a1111Name(of: request.schedule)
        if response.status == 404 {
            // Before 1.9 the schedule was part of the sampler's name.
            findings.schedule = nil
            findings.scheduleInSampler = label
            return
        }
        let names = try list(response) { [$0["label"]?.text, $0["name"]?.text].compactMap { $0 } }
        let wanted = [label] + SamplerNames.allNames(of: request.schedule)
        guard let found = NameMatch.find(wanted, among: names) else {
            throw RemoteError(
                .refused, "The server has no schedule \(request.schedule.rawValue)",
                hint: "it has: \(NameMatch.excerpt(names))")
        }
        findings.schedule = found
    }

    private mutating func readModels(_ response: HTTPResponse) throws {
        let names = try list(response) { [$0["title"]?.text ?? $0["model_name"]?.text ?? ""] }
        func title(of wanted: String?) throws -> String? {
            guard let wanted else { return nil }
            guard let found = NameMatch.findFile(wanted, among: names) else {
                throw RemoteError(
                    .notFound, "The server has no model \(printable(wanted, limit: 80))",
                    hint: "it has: \(NameMatch.excerpt(names))")
            }
            return found
        }
        findings.model = try title(of: request.model)
        findings.refiner = try title(of: request.refiner)
    }

    private mutating func readDialect(_ response: HTTPResponse) throws {
        guard response.isSuccess, let json = response.json, json["limits"] != nil else { return }
        findings.isStableDiffusionCpp = true
        let lost: [(Bool, String)] = [
            (request.vae != nil, "--vae"), (request.refiner != nil, "--refiner"),
            (request.noiseSource != .torch, "--rng"), (request.tiling != .none, "--tiling"),
            (request.variationSeed != nil, "--variation-seed"),
            (request.loras.contains { $0.textEncoderWeight != nil }, "te= of --lora"),
            (!request.controls.isEmpty, "--control"), (!request.extras.isEmpty, "--extra"),
        ]
        let names = lost.filter(\.0).map(\.1)
        guard names.isEmpty else {
            throw RemoteError(
                .refused,
                "The server is stable-diffusion.cpp, which ignores \(names.joined(separator: ", "))",
                hint: "leave it out, or use the kind sdserver")
        }
        let known = (json["loras"]?.elements ?? []).compactMap { $0["path"]?.text }
        for lora in ServerPrompt(request).resolved(request.loras).loras {
            guard let path = NameMatch.findFile(lora.name, among: known) else {
                throw RemoteError(
                    .notFound, "The server has no LoRA \(printable(lora.name, limit: 80))",
                    hint: "it has: \(NameMatch.excerpt(known))")
            }
            findings.loraPaths[lora.name] = path
        }
    }

    private func list(
        _ response: HTTPResponse, _ names: (JSONValue) -> [String]
    ) throws -> [String] {
        guard response.isSuccess else { throw RemoteError(status: response, service: title) }
        guard let elements = response.json?.elements else {
            throw RemoteError(.malformed, "\(title) answers a list with something else")
        }
        return elements.flatMap(names).filter { !$0.isEmpty }
    }

    // MARK: Pictures

    private var mapping: A1111Mapping { A1111Mapping(job: job, findings: findings) }

    private mutating func generate() throws -> [FlowCommand] {
        let seed = request.seeds.indices.contains(next) ? request.seeds[next] : nil
        let url = job.endpoint.url("sdapi", "v1", mapping.route)
        isGenerating = true
        bestProgress = -1
        lastStep = 0
        wasInterrupted = false
        let call = RemoteCall(
            "picture",
            HTTPRequest(.post, url, json: mapping.body(seed: seed), limits: job.blockingLimits),
            repetition: .billed)
        let commands: [FlowCommand] = [.report(.stage(sampling(0))), .send(call)]
        guard hasProgress != false, !isAsking else { return commands }
        isAsking = true
        return commands + [.wait("poll", pace)]
    }

    private mutating func received(_ response: HTTPResponse) throws -> [FlowCommand] {
        isGenerating = false
        guard response.isSuccess else { throw RemoteError(status: response, service: title) }
        let asked = request.seeds.indices.contains(next) ? request.seeds[next] : nil
        let picture = try A1111Answer(response).picture(index: next, askedSeed: asked)
        var commands: [FlowCommand] = [.report(.picture(picture))]
        if wasInterrupted {
            commands.append(
                .report(
                    .warning("Somebody interrupted the server: the picture may be unfinished")))
        }
        next += 1
        return commands + (next < pictureCount ? try generate() : [.finish])
    }

    private func sampling(_ step: Int, of count: Int? = nil) -> Stage {
        .sampling(
            step: step, count: count ?? request.steps ?? 1, image: next, imageCount: pictureCount)
    }

    // MARK: Progress

    /// Each picture's questions have a name of their own: an answer that comes late is not taken
    /// for the next picture's.
    private var progressID: CallID { CallID("progress-\(next)") }

    private static func isProgress(_ id: CallID) -> Bool { id.name.hasPrefix("progress-") }

    private var progressCall: RemoteCall {
        let skips = job.wantsPreviews ? "false" : "true"
        let url = job.endpoint.url(
            "sdapi", "v1", "progress", query: [("skip_current_image", skips)])
        var limits = TransportLimits.brief
        limits.bodyBytes = 32 << 20
        return RemoteCall(progressID, HTTPRequest(.get, url, limits: limits), repetition: .never)
    }

    private var interruptCall: RemoteCall {
        RemoteCall(
            "interrupt",
            HTTPRequest(
                .post, job.endpoint.url("sdapi", "v1", "interrupt"), json: JSONBody(),
                limits: .brief), repetition: .safe)
    }

    private mutating func progressed(_ id: CallID, _ response: HTTPResponse) -> [FlowCommand] {
        guard id == progressID else { return [.wait("poll", pace)] }
        guard response.isSuccess, let json = response.json, let share = json["progress"]?.double
        else {
            // stable-diffusion.cpp and koboldcpp have no such route.
            hasProgress = response.status == 404 ? false : hasProgress
            return hasProgress == false ? [] : [.wait("poll", pace)]
        }
        hasProgress = true
        let state = json["state"]
        wasInterrupted = wasInterrupted || state?["interrupted"]?.truth == true
        var commands: [FlowCommand] = []
        let step = state?["sampling_step"]?.integer ?? 0
        let count = state?["sampling_steps"]?.integer ?? request.steps ?? 1
        if share > bestProgress, step > 0, count > 0, (lastStep...count).contains(step) {
            bestProgress = share
            lastStep = step
            commands.append(.report(.stage(sampling(step, of: count))))
        }
        if job.wantsPreviews, let text = json["current_image"]?.filledText,
            let bytes = try? EncodedPicture.bytes(text, service: title)
        {
            commands.append(.report(.preview(index: next, step: step, bytes)))
        }
        return commands + [.wait("poll", pace)]
    }
}
