import Generation
import Images

/// Describes, uploads, connects, queues every seed, follows the socket, fetches the pictures.
///
/// The socket is for progress only: a poll of `/history` and `/queue` runs beside it and finds
/// every end, so that a lost socket costs nothing but the bar.
struct ComfyFlow: RemoteFlow {
    private let job: RemoteJob
    private let calls: ComfyCalls
    private let workflow: ComfyWorkflow?
    private var catalog = ComfyCatalog()
    private var uploads: [String: String] = [:]
    private var awaited: Set<CallID> = []
    private var prompts: ComfyPrompts
    /// Which prompt is looked after; those before it are done.
    private var current = 0
    private var queued = 0
    /// The prompt that the server works on, when it is one of ours.
    private var running: String?
    private var hasQueued = false
    private var isResumed = false
    private var reposts = 0
    private var absences = 0
    private var connections = 0
    private var files: [ComfyHistory.File] = []
    private var fetched = 0
    private var pictures = 0
    private var isFetching = false
    private var failure: RemoteError?

    /// - Throws: ``RemoteError`` or `InvalidRequest` when a workflow does not fit.
    init(_ job: RemoteJob, defaults: RequestDefaults) throws {
        self.job = job
        calls = ComfyCalls(job: job)
        prompts = ComfyPrompts(base: job.uniqueID, count: max(1, job.request.seeds.count))
        guard let path = job.request.extras["workflow"] else {
            workflow = nil
            return
        }
        let workflow = try ComfyWorkflow(parsing: job.files[path]?.bytes ?? [], name: path)
        let problems = workflow.problems(job.request, defaults: defaults)
        guard problems.isEmpty else { throw InvalidRequest(problems: problems) }
        self.workflow = workflow
    }

    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand] {
        switch event {
        case .start: return try begin()
        case .resume(let taskID): return try resume(taskID)
        case .response(let id, let response): return try answered(id, response)
        case .failure(let id, let error): return try failed(id, error)
        case .socketOpened: return hasQueued ? [] : try queue()
        case .message(_, let message): return try heard(message)
        case .ended("socket"): return lostSocket()
        case .timer("poll"): return [.send(calls.history(prompts.ids[current]))]
        case .timer("reconnect"): return [.socket(calls.socket())]
        case .cancel: return stopWork()
        default: return []
        }
    }

    private var pace: Duration { job.pollInterval ?? .seconds(2) }
    private var request: GenerationRequest { job.request }

    // MARK: Before the queue

    private mutating func begin() throws -> [FlowCommand] {
        var commands: [FlowCommand] = []
        if ServerPrompt(request).hasLostArguments {
            commands.append(
                .report(.warning("<sd_cpp_extra_args> was taken out of the prompt")))
        }
        let types = workflow == nil ? ComfyGraphBuilder.types(for: request) : []
        let pictures = ComfyUI().inputs(of: request).filter { $0.form == .picture }
        let questions = types.map { calls.description(of: $0) }
        let transfers = pictures.enumerated().map {
            calls.upload($0.element.path, number: $0.offset)
        }
        awaited = Set((questions + transfers).map(\.id))
        if !transfers.isEmpty { commands.append(.report(.stage(.uploading))) }
        commands += (questions + transfers).map { .send($0) }
        return awaited.isEmpty ? commands + connect() : commands
    }

    private mutating func connect() -> [FlowCommand] {
        if workflow == nil, request.model == nil,
            let name = catalog.names("CheckpointLoaderSimple", "ckpt_name").first,
            catalog.names("CheckpointLoaderSimple", "ckpt_name").count > 1
        {
            return [
                .report(.warning("No model was named: ComfyUI's first one, \(name), is used")),
                .socket(calls.socket()),
            ]
        }
        return [.socket(calls.socket())]
    }

    private mutating func prepared(
        _ id: CallID, _ response: HTTPResponse
    ) throws -> [FlowCommand] {
        awaited.remove(id)
        if id.name.hasPrefix("info ") {
            guard response.isSuccess || response.status == 404 else {
                throw RemoteError(status: response, service: "ComfyUI")
            }
            if let json = response.json { catalog.read(String(id.name.dropFirst(5)), json) }
        } else {
            guard response.isSuccess, let name = response.json?["name"]?.filledText else {
                throw RemoteError(status: response, service: "ComfyUI")
            }
            let folder = response.json?["subfolder"]?.filledText
            uploads[String(id.name.dropFirst(7))] = folder.map { "\($0)/\(name)" } ?? name
        }
        return awaited.isEmpty ? connect() : []
    }

    // MARK: The queue

    private func graph(_ index: Int) throws -> JSONValue {
        let seed = request.seeds.indices.contains(index) ? request.seeds[index] : 0
        guard let workflow else {
            return try ComfyGraphBuilder(request: request, catalog: catalog, uploads: uploads)
                .graph(seed: seed).value
        }
        return workflow.filled(ComfySlots(request: request, uploads: uploads).values(seed: seed))
    }

    private mutating func queue() throws -> [FlowCommand] {
        hasQueued = true
        return [.send(calls.queue(try graph(queued), id: prompts.ids[queued], index: queued))]
    }

    private mutating func queueAnswered(_ response: HTTPResponse) throws -> [FlowCommand] {
        guard response.isSuccess else {
            return try end(with: ComfyHistory.refusal(response))
        }
        // Old servers choose the identifier themselves.
        if let id = response.json?["prompt_id"]?.filledText, id != prompts.ids[queued] {
            throw RemoteError(
                .refused, "This ComfyUI does not take identifiers of our own",
                hint: "update ComfyUI")
        }
        return try advanceQueue()
    }

    private mutating func advanceQueue() throws -> [FlowCommand] {
        queued += 1
        if queued < prompts.ids.count { return try queue() }
        return [
            .report(.accepted(taskID: prompts.taskID)), .report(.stage(.queued(position: nil))),
            .wait("poll", pace),
        ]
    }

    /// The answer to a post was lost: whether the prompt is known decides about a second post.
    private mutating func lostPost(_ error: TransportError) throws -> [FlowCommand] {
        guard error.mayHaveArrived, reposts < 2 else {
            return try end(with: RemoteError(error, service: "ComfyUI", mayBeBilled: false))
        }
        reposts += 1
        return [.send(calls.history(prompts.ids[queued], "recheck"))]
    }

    /// Whether a prompt whose post was lost is in the history, or in the queue; if in neither, it is
    /// posted again.
    private mutating func rechecked(
        _ id: CallID, _ response: HTTPResponse
    ) throws -> [FlowCommand] {
        guard response.isSuccess else { throw RemoteError(status: response, service: "ComfyUI") }
        let lost = prompts.ids[queued]
        if id == "recheck" {
            guard ComfyHistory(response.json, id: lost) == nil else { return try advanceQueue() }
            return [.send(calls.waiting("recheck queue"))]
        }
        let known = ["queue_running", "queue_pending"].flatMap { key in
            (response.json?[key]?.elements ?? []).compactMap { $0[1]?.text }
        }
        return known.contains(lost) ? try advanceQueue() : try queue()
    }

    private mutating func resume(_ taskID: String) throws -> [FlowCommand] {
        guard let prompts = ComfyPrompts(taskID: taskID) else {
            throw RemoteError(.notFound, "\(printable(taskID, limit: 80)) is no prompt of ComfyUI")
        }
        self.prompts = prompts
        queued = prompts.ids.count
        hasQueued = true
        isResumed = true
        return [.send(calls.history(prompts.ids[0]))]
    }

    // MARK: Answers

    private mutating func answered(
        _ id: CallID, _ response: HTTPResponse
    ) throws -> [FlowCommand] {
        if awaited.contains(id) { return try prepared(id, response) }
        switch id {
        case "socket": return lostSocket()
        case "history": return try historyAnswered(response)
        case "waiting": return try waitingAnswered(response)
        case "delete":
            guard let failure else { return [] }
            throw failure
        case "interrupt": return []
        case "check": return interruption(response)
        case "recheck", "recheck queue": return try rechecked(id, response)
        default:
            if id.name.hasPrefix("queue ") { return try queueAnswered(response) }
            return id.name.hasPrefix("view ") ? try received(response) : []
        }
    }

    private mutating func failed(_ id: CallID, _ error: TransportError) throws -> [FlowCommand] {
        switch id {
        case "socket": return lostSocket()
        case "interrupt", "check": return []
        case "delete":
            guard let failure else { return [] }
            throw failure
        default:
            if id.name.hasPrefix("queue ") { return try lostPost(error) }
            throw RemoteError(error, service: "ComfyUI", mayBeBilled: false)
        }
    }

    private mutating func historyAnswered(_ response: HTTPResponse) throws -> [FlowCommand] {
        guard !isFetching else { return [] }
        guard response.isSuccess else { throw RemoteError(status: response, service: "ComfyUI") }
        guard let entry = ComfyHistory(response.json, id: prompts.ids[current]) else {
            return [.send(calls.waiting())]
        }
        absences = 0
        if let failure = entry.failure { return try end(with: failure) }
        guard !entry.files.isEmpty else {
            return try end(with: RemoteError(.failed, "ComfyUI finished without a picture"))
        }
        files = entry.files
        fetched = 0
        isFetching = true
        return [
            .stop("poll"), .stop("waiting"), .report(.stage(.downloading)),
            .send(calls.view(files[0], number: 0)),
        ]
    }

    private mutating func waitingAnswered(_ response: HTTPResponse) throws -> [FlowCommand] {
        guard response.isSuccess, let json = response.json else {
            throw RemoteError(status: response, service: "ComfyUI")
        }
        func identifiers(_ key: String) -> [String] {
            (json[key]?.elements ?? []).compactMap { $0[1]?.text }
        }
        let pending = (json["queue_pending"]?.elements ?? []).sorted {
            ($0[0]?.double ?? 0) < ($1[0]?.double ?? 0)
        }.compactMap { $0[1]?.text }
        let id = prompts.ids[current]
        let runs = identifiers("queue_running").contains(id)
        if runs { running = id } else if running == id { running = nil }
        if let position = pending.firstIndex(of: id) {
            absences = 0
            return [.report(.stage(.queued(position: position + 1))), .wait("poll", pace)]
        }
        if runs {
            absences = 0
            return [.wait("poll", pace)]
        }
        // Between the queue and the history there is a gap of moments.
        if current < queued { absences += 1 }
        guard absences < 5 else {
            throw RemoteError(
                .notFound, "ComfyUI no longer knows the work; was it restarted?",
                hint: isResumed ? nil : "run it again")
        }
        return [.wait("poll", min(pace, .milliseconds(300)))]
    }

    private mutating func received(_ response: HTTPResponse) throws -> [FlowCommand] {
        guard response.isSuccess else { throw RemoteError(status: response, service: "ComfyUI") }
        let seed = request.seeds.indices.contains(current) ? request.seeds[current] : nil
        let usesSeed = workflow?.slots.contains("seed") ?? true
        let picture = RemotePicture(
            index: pictures, seed: usesSeed ? seed : nil, bytes: response.body)
        pictures += 1
        fetched += 1
        var commands: [FlowCommand] = [.report(.picture(picture))]
        if fetched < files.count {
            return commands + [.send(calls.view(files[fetched], number: fetched))]
        }
        current += 1
        isFetching = false
        guard current < prompts.ids.count else {
            commands.append(.stop("socket"))
            return commands + [.finish]
        }
        return commands + [.send(calls.history(prompts.ids[current]))]
    }

    // MARK: The socket

    private mutating func lostSocket() -> [FlowCommand] {
        connections += 1
        var commands: [FlowCommand] = []
        if connections <= 5 { commands.append(.wait("reconnect", .seconds(1))) }
        if !hasQueued, let first = try? queue() { commands += first }
        return commands
    }

    private mutating func heard(_ message: WebSocketMessage) throws -> [FlowCommand] {
        guard let message = ComfyMessage(message) else { return [] }
        switch message {
        case .started(let prompt), .executing(let prompt, .some(_)):
            if prompts.ids.contains(prompt) { running = prompt }
            return []
        case .progress(let prompt, let value, let maximum):
            // Its start may have been told before the answer that made it ours.
            if let prompt, prompts.ids.contains(prompt) { running = prompt }
            guard let index = runningIndex(prompt) else { return [] }
            return [.report(.stage(sampling(min(value, maximum), of: maximum, index)))]
        case .preview(let prompt, let bytes):
            guard let index = runningIndex(prompt), job.wantsPreviews else { return [] }
            return [.report(.preview(index: index, step: 0, bytes))]
        default: return isFetching ? [] : try ended(message)
        }
    }

    /// Which of our prompts runs, if a message (that may not name it) is about it.
    private func runningIndex(_ prompt: String?) -> Int? {
        guard let running, prompt == nil || prompt == running else { return nil }
        return prompts.ids.firstIndex(of: running)
    }

    /// An end of the prompt that is looked after.
    private mutating func ended(_ message: ComfyMessage) throws -> [FlowCommand] {
        let id = prompts.ids[current]
        switch message {
        case .executing(id, nil): return [.send(calls.history(id))]
        // The history is written between these two.
        case .succeeded(id): return [.wait("poll", min(pace, .milliseconds(100)))]
        case .failed(id, let node, let text):
            return try end(with: ComfyHistory.error(node: node, message: text))
        case .interrupted(id): return try end(with: ComfyHistory.interrupted)
        default: return []
        }
    }

    private func sampling(_ step: Int, of count: Int, _ index: Int) -> Stage {
        .sampling(step: step, count: count, image: index, imageCount: prompts.ids.count)
    }

    // MARK: Ends

    /// Fails, and takes what still waits out of the queue first.
    private mutating func end(with error: RemoteError) throws -> [FlowCommand] {
        let rest = prompts.ids.dropFirst(current + 1)
        guard failure == nil, hasQueued, !rest.isEmpty else { throw failure ?? error }
        failure = error
        let post = CallID("queue \(min(queued, prompts.ids.count - 1))")
        return [
            .stop("poll"), .stop("socket"), .stop(post), .send(calls.delete(Array(rest))),
        ]
    }

    /// Old servers stop whatever runs when they are told to interrupt: that is asked for only while
    /// the work that runs is ours.
    private func stopWork() -> [FlowCommand] {
        guard hasQueued else { return [] }
        let mine = prompts.ids.dropFirst(current)
        var commands: [FlowCommand] = [.send(calls.delete(Array(mine)))]
        if let running, mine.contains(running) {
            commands.append(.send(calls.interrupt(running)))
        } else {
            commands.append(.send(calls.waiting("check")))
        }
        return commands
    }

    /// Interrupts what runs if it is ours.
    private func interruption(_ response: HTTPResponse) -> [FlowCommand] {
        let running = (response.json?["queue_running"]?.elements ?? []).compactMap { $0[1]?.text }
        return prompts.ids.filter { running.contains($0) }.prefix(1).map {
            .send(calls.interrupt($0))
        }
    }
}
