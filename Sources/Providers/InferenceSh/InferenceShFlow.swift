import Foundation
import Generation
import Images

/// Upload what is named as a file, run, follow the stream (or poll), fetch the picture.
struct InferenceShFlow: RemoteFlow {
    private let job: RemoteJob
    private var task: InferenceShTask?
    private var uploads: [InputFile] = []
    private var uploaded: [String: String] = [:]
    private var lines = LineDecoder()
    private var events: ServerSentEventDecoder?
    private var reconnects = 0
    private var isPolling = false
    private var isStreaming = false
    private var isCancelled = false
    private var usesOldRoute = false
    private var hasAskedForResult = false
    private var missing: Set<Int> = []
    private var shownStage: Stage?

    init(job: RemoteJob) {
        self.job = job
        uploads = job.request.loras.compactMap { job.files[$0.name] }
    }

    private static let name = "inference.sh"
    private var endpoint: Endpoint { job.endpoint }
    /// How long heartbeats alone are believed.
    private var patience: Duration { job.pollInterval.map { $0 * 15 } ?? .seconds(30) }
    private var pace: Duration { job.pollInterval ?? .seconds(2) }

    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand] {
        switch event {
        case .start:
            return uploads.isEmpty
                ? [.report(.stage(.queued(position: nil))), run()]
                : [
                    .report(.stage(.uploading)), askForPlaces(),
                ]
        case .resume(let id):
            task = InferenceShTask(answer: .object(["id": .string(id)]))
            return [.report(.accepted(taskID: id)), fetchTask()]
        case .response(let id, let response): return try handle(response, to: id)
        case .failure(let id, let error): return try handle(error, of: id)
        case .streamOpened(_, let head): return opened(head)
        case .data(_, let bytes): return try read(bytes)
        case .ended("stream"):
            isStreaming = false
            let rest = try read(rest: lines.rest())
            return isFinished ? rest : rest + [fetchTask()]
        case .timer("poll"): return [fetchStatus()]
        case .timer("reconnect"): return [stream()]
        case .timer("quiet"): return [fetchTask()]
        case .cancel:
            isCancelled = true
            return cancellation
        default: return []
        }
    }

    // MARK: Calls

    private func askForPlaces() -> FlowCommand {
        .send(
            RemoteCall(
                "files",
                HTTPRequest(
                    .post, endpoint.url("files"), json: InferenceShMapping.files(uploads),
                    limits: .brief), repetition: .safe))
    }

    private func run() -> FlowCommand {
        let url = usesOldRoute ? endpoint.url("run") : endpoint.url("apps", "run")
        let body = InferenceShMapping.run(job, uploaded: uploaded)
        let limits = waits ? job.blockingLimits : TransportLimits(totalSeconds: 60)
        var call = RemoteCall(
            "run", HTTPRequest(.post, url, json: body, limits: limits), repetition: .billed)
        call.outlivesCancel = true
        return .send(call)
    }

    /// Whether the service answers a run only when its task has ended.
    private var waits: Bool { job.request.extras["wait"] == "true" }

    private func stream() -> FlowCommand {
        var request = HTTPRequest(
            .get, endpoint.url("tasks", task?.id ?? "", "stream"),
            limits: TransportLimits(idleSeconds: 45))
        request.headers["Accept"] = "application/x-ndjson"
        if let id = events?.lastID { request.headers["Last-Event-ID"] = id }
        return .stream(RemoteCall("stream", request, repetition: .safe))
    }

    private func fetchTask() -> FlowCommand {
        .send(
            RemoteCall(
                "task",
                HTTPRequest(.get, endpoint.url("tasks", task?.id ?? ""), limits: .brief),
                repetition: .safe))
    }

    private func fetchStatus() -> FlowCommand {
        .send(
            RemoteCall(
                "status",
                HTTPRequest(
                    .get, endpoint.url("tasks", task?.id ?? "", "status"), limits: .brief),
                repetition: .safe))
    }

    private var cancellation: [FlowCommand] {
        guard let id = task?.id else { return [] }
        return [
            .send(
                RemoteCall(
                    "cancel",
                    HTTPRequest(
                        .post, endpoint.url("tasks", id, "cancel"), json: JSONBody(),
                        limits: .brief), repetition: .safe))
        ]
    }

    // MARK: Answers

    private mutating func handle(
        _ response: HTTPResponse, to id: CallID
    ) throws -> [FlowCommand] {
        switch id {
        case "cancel": return []
        case "files": return try startUploads(response)
        case "run": return try started(response)
        case "stream": return try refused(response)
        case "status" where response.status == 404: return [fetchTask()]
        case "task", "status": return try refreshed(response)
        default:
            if id.name.hasPrefix("upload ") { return try finishUpload(id, response) }
            return try downloaded(id, response)
        }
    }

    private mutating func handle(
        _ error: TransportError, of id: CallID
    ) throws -> [FlowCommand] {
        switch id {
        case "cancel": return []
        case "stream":
            isStreaming = false
            return [fetchTask()]
        case "run": throw RemoteError(error, service: Self.name, mayBeBilled: true)
        default: throw RemoteError(error, service: Self.name, mayBeBilled: false)
        }
    }

    private mutating func started(_ response: HTTPResponse) throws -> [FlowCommand] {
        if [404, 405].contains(response.status), !usesOldRoute, !isCancelled {
            usesOldRoute = true
            return [run()]
        }
        if waits, response.status == 422 {
            throw RemoteError(
                .failed, "\(Self.name): the task failed: \(ServerMessage.text(of: response))")
        }
        let answer = try content(response)
        guard let task = InferenceShTask(answer: answer), let id = task.id else {
            throw RemoteError(
                .malformed, "\(Self.name) took the job without naming its task", mayBeBilled: true)
        }
        self.task = task
        if isCancelled { return cancellation }
        let warnings = Self.warnings(answer)
        if task.phase == .rejected || task.phase == .failed { return try warnings + advance() }
        return try warnings + [.report(.accepted(taskID: id))] + advance() + follow()
    }

    private func content(_ response: HTTPResponse) throws -> JSONValue {
        let json = response.json
        guard response.isSuccess, json?["success"]?.truth != false else {
            // The envelope of old names a status of its own.
            let status = response.isSuccess ? json?["status"]?.integer : nil
            let refusal = HTTPResponse(
                status: status ?? response.status, headers: response.headers, body: response.body)
            throw RemoteError(status: refusal, service: Self.name)
        }
        guard let json else {
            throw RemoteError(.malformed, "\(Self.name) answered with something that is no JSON")
        }
        return json
    }

    private static func warnings(_ answer: JSONValue) -> [FlowCommand] {
        (answer["messages"]?.elements ?? []).compactMap { message in
            guard message["level"]?.text == "warning", let text = message["message"]?.filledText
            else { return nil }
            return .report(.warning("\(name): \(text)"))
        }
    }

    private mutating func refreshed(_ response: HTTPResponse) throws -> [FlowCommand] {
        let answer = try content(response)
        guard let fresh = InferenceShTask(answer: answer) else {
            throw RemoteError(.malformed, "\(Self.name) answered with something that is no task")
        }
        if var known = task, fresh.id == nil || fresh.id == known.id {
            known.merge(answer)
            task = known.id == nil ? fresh : known
        }
        let commands = try advance()
        return isFinished ? commands : commands + follow()
    }

    private var isFinished: Bool { hasAskedForResult }

    /// How news come from here on: the stream, or questions where there is none.
    private mutating func follow() -> [FlowCommand] {
        guard !isFinished else { return [] }
        if isStreaming { return [.wait("quiet", patience)] }
        if isPolling { return [.wait("poll", pace)] }
        reconnects += 1
        switch reconnects {
        case 1: return [stream(), .wait("quiet", patience)]
        case 2...6: return [.wait("reconnect", min(pace, .seconds(1)))]
        default:
            isPolling = true
            return [.stop("quiet"), .wait("poll", pace)]
        }
    }

    private mutating func refused(_ response: HTTPResponse) throws -> [FlowCommand] {
        if [401, 403].contains(response.status) {
            throw RemoteError(status: response, service: Self.name)
        }
        isPolling = true
        return [.stop("quiet"), .wait("poll", pace)]
    }

    // MARK: The stream

    private mutating func opened(_ head: HTTPResponse) -> [FlowCommand] {
        lines = LineDecoder()
        isStreaming = true
        let type = head.headers["Content-Type"]?.lowercased() ?? ""
        if type.contains("event-stream") {
            events = events ?? ServerSentEventDecoder()
        } else {
            events = nil
        }
        return []
    }

    private mutating func read(_ bytes: [UInt8]) throws -> [FlowCommand] {
        var commands: [FlowCommand] = []
        for line in lines.lines(bytes) where !isFinished {
            do {
                commands += try read(line)
            } catch let error as RemoteError {
                // What came before the end in the same piece is told all the same.
                return commands + [.fail(error)]
            }
        }
        return commands
    }

    private mutating func read(rest line: String?) throws -> [FlowCommand] {
        guard let line, !isFinished else { return [] }
        return try read(line) + (events == nil ? [] : read(""))
    }

    private mutating func read(_ line: String) throws -> [FlowCommand] {
        guard events != nil else { return try take(line) }
        guard let event = events?.event(line) else { return [] }
        if event.name == "error" {
            let words = JSONValue(parsing: event.data).flatMap { ServerMessage.text(of: $0) }
            return [.report(.warning("\(Self.name): \(words ?? event.data)"))]
        }
        return ["update", "message"].contains(event.name) ? try take(event.data) : []
    }

    /// An update in one line; what is no update is skipped.
    private mutating func take(_ text: String) throws -> [FlowCommand] {
        guard let update = JSONValue(parsing: text), update.members != nil,
            update["type"]?.text != "heartbeat", update["event"] == nil
        else { return [] }
        reconnects = min(reconnects, 1)
        task?.merge(update)
        let commands = try advance()
        return isFinished ? commands : commands + [.wait("quiet", patience)]
    }

    // MARK: The task

    /// What the task's state asks for.
    private mutating func advance() throws -> [FlowCommand] {
        guard let task, !isFinished else { return [] }
        switch task.phase {
        case .completed: return try complete(task)
        case .failed:
            throw RemoteError(
                .failed, "\(Self.name): the task failed: \(task.error ?? "no reason is given")")
        case .cancelled: throw RemoteError(.stopped, "The task was cancelled at \(Self.name)")
        case .rejected:
            throw RemoteError(
                .credits,
                "\(Self.name) refused the task: \(task.error ?? "no balance or no payment method")",
                hint: "look at the account's balance")
        default: return stage(of: task).map { [.report(.stage($0))] } ?? []
        }
    }

    private mutating func stage(of task: InferenceShTask) -> Stage? {
        let count = job.request.steps ?? 1
        let stage: Stage? =
            switch task.phase {
            case .received, .queued: .queued(position: nil)
            case .dispatched, .preparing, .serving, .settingUp: .loading(fraction: 0)
            case .running:
                .sampling(
                    step: Int((task.progress ?? 0) / 100 * Double(count)), count: count, image: 0,
                    imageCount: 1)
            case .uploading: .downloading
            default: nil
            }
        defer { shownStage = stage ?? shownStage }
        return stage == shownStage ? nil : stage
    }

    private mutating func complete(_ task: InferenceShTask) throws -> [FlowCommand] {
        guard !task.links.isEmpty else {
            // A partial update ends a task without its output: the whole task has it.
            guard !hasAskedTwice else {
                throw RemoteError(.malformed, "\(Self.name): the task ended without a picture")
            }
            hasAskedTwice = true
            return [fetchTask()]
        }
        hasAskedForResult = true
        let addresses = try task.links.map { try ResultAddress($0, from: endpoint) }
        missing = Set(addresses.indices)
        return [.stop("stream"), .stop("quiet"), .stop("poll"), .report(.stage(.downloading))]
            + addresses.enumerated().map { .send(.download("picture \($0)", $1)) }
    }

    private var hasAskedTwice = false

    private mutating func downloaded(
        _ id: CallID, _ response: HTTPResponse
    ) throws -> [FlowCommand] {
        guard let index = Int(id.name.dropFirst("picture ".count)) else { return [] }
        try Downloads.check(response, service: Self.name)
        missing.remove(index)
        let picture = RemotePicture(index: index, seed: nil, bytes: response.body)
        return [.report(.picture(picture))] + (missing.isEmpty ? [.finish] : [])
    }

    // MARK: Uploads

    private mutating func startUploads(_ response: HTTPResponse) throws -> [FlowCommand] {
        let answer = InferenceShTask.content(of: try content(response))
        let records = answer.elements ?? [answer]
        guard records.count == uploads.count else {
            throw RemoteError(.malformed, "\(Self.name) names no place for the files")
        }
        return try zip(records, uploads).enumerated().map { index, pair in
            let (record, file) = pair
            guard let place = record["upload_url"]?.filledText, let uri = record["uri"]?.filledText
            else {
                throw RemoteError(.malformed, "\(Self.name) names no place for the files")
            }
            let address = try ResultAddress(place, from: endpoint)
            var request = HTTPRequest(
                .put, address.url,
                headers: [
                    "Content-Type": record["content_type"]?.filledText
                        ?? "application/octet-stream"
                ], limits: TransportLimits(idleSeconds: 600))
            request.body = .file(path: file.path, count: file.byteCount)
            uploaded[job.request.loras.first { job.files[$0.name] == file }?.name ?? file.path] =
                uri
            missing.insert(index)
            return .send(
                RemoteCall(
                    "upload \(index)", request, repetition: .safe, isAuthenticated: false))
        }
    }

    private mutating func finishUpload(
        _ id: CallID, _ response: HTTPResponse
    ) throws -> [FlowCommand] {
        guard response.isSuccess else {
            throw RemoteError(status: response, service: "The upload to \(Self.name)")
        }
        if let index = Int(id.name.dropFirst("upload ".count)) { missing.remove(index) }
        return missing.isEmpty ? [.report(.stage(.queued(position: nil))), run()] : []
    }
}
