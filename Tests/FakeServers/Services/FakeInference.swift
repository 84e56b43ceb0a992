import Foundation
import Synchronization

/// inference.sh with the app `infsh/sdxl`: tasks, streams, uploads, three generations of envelopes.
public final class FakeInference: FakeService {
    /// How this instance behaves.
    public struct Behaviour: Sendable {
        /// The generation of the envelope.
        public enum Envelope: Sendable { case data, bare, successFlag }
        /// How a status is written.
        public enum Numbering: Sendable { case current, old, words }
        /// How a task ends.
        public enum Outcome: Sendable, Equatable {
            case completed
            case failed(String)
            /// Refused for want of balance, without any HTTP error.
            case rejected
            case cancelledByService
            case never
        }

        public var envelope = Envelope.data
        public var numbering = Numbering.current
        public var outcome = Outcome.completed
        /// Time that each status lasts.
        public var pace = Duration.milliseconds(5)
        /// Whether updates after the first name only what changed.
        public var sendsPartialUpdates = true
        /// Whether a result is `{"uri": ...}` rather than a string.
        public var wrapsFiles = false
        /// Whether updates carry the `progress` of the seed's example.
        public var sendsProgress = false
        /// The end of a line in a stream.
        public var newline = "\n"
        /// Whether streams are server-sent events, whatever was asked for.
        public var sendsEvents = false
        /// The words of an `error` event before the first update of server-sent events.
        public var eventError: String?
        /// Nothing but heartbeats in streams.
        public var heartbeatsOnly = false
        /// Streams end after so many updates, whatever the task's state.
        public var streamCut: Int?
        /// Whether only the older route `/run` exists.
        public var onlyOldRoute = false
        /// A result in place of the real one.
        public var output: WireJSON?
        /// Entries of `messages` of the current envelope.
        public var messages: WireJSON = []

        public init() {}
    }

    public static let kind = "inferencesh"
    public let server: FakeServer
    /// The other origin of results and uploads.
    public let files: FakeFileHost
    public let key: String?
    private let state: Mutex<State>

    struct State {
        var behaviour: Behaviour
        var tasks: [String: FakeInferenceTask] = [:]
        var next = 1
    }

    private init(server: FakeServer, files: FakeFileHost, key: String, behaviour: Behaviour) {
        self.server = server
        self.files = files
        self.key = key
        state = Mutex(State(behaviour: behaviour))
    }

    /// Starts the service and its file host.
    public static func start(
        port: Int = 0, key: String = "inf_fake_key", behaviour: Behaviour = Behaviour()
    ) async throws -> FakeInference {
        let server = try await FakeServer.start(port: port) { _ in FakeResponse(503) }
        let files = try await FakeFileHost.start()
        let service = FakeInference(server: server, files: files, key: key, behaviour: behaviour)
        server.serve { [weak service] in await service?.answer($0) ?? FakeResponse(503) }
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

    var behaviour: Behaviour { state.withLock { $0.behaviour } }

    /// Lets the tasks that never end come to their pictures.
    public func finish() {
        behave { $0.outcome = .completed }
        for id in taskIDs { follow(id, [.completed]) }
    }

    /// A task as it stands.
    func task(_ id: String) -> FakeInferenceTask? { state.withLock { $0.tasks[id] } }

    /// The identifiers of all tasks, in order.
    public var taskIDs: [String] { state.withLock { $0.tasks.keys.sorted() } }

    /// The current name of a task's status.
    public func status(of id: String) -> String? { task(id)?.status.rawValue }

    // MARK: - Routes

    private func answer(_ request: RecordedRequest) async -> FakeResponse {
        guard carries(request, "authorization", "Bearer \(key ?? "")") else {
            return problem(401, "unauthorized", "The API key is not valid.")
        }
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.first, parts.count) {
        case ("POST", "apps", 2) where parts[1] == "run" && !behaviour.onlyOldRoute:
            return await run(request)
        case ("POST", "run", 1): return await run(request)
        case ("POST", "files", 1): return createFiles(request)
        case ("GET", "apps", _): return enveloped(["id": "infsh/sdxl", "name": "sdxl"])
        case ("GET", "me", 1): return enveloped(["id": "user"])
        case ("POST", "tasks", 2) where parts[1] == "list": return enveloped([])
        case (_, "tasks", 2...):
            guard let task = task(parts[1]) else {
                return problem(404, "not_found", "There is no task \(parts[1]).")
            }
            return await answer(request, about: task, parts.count > 2 ? parts[2] : "")
        default: return problem(404, "not_found", "There is no route \(request.line).")
        }
    }

    private func answer(
        _ request: RecordedRequest, about task: FakeInferenceTask, _ what: String
    ) async -> FakeResponse {
        switch (request.method, what) {
        case ("GET", ""): return enveloped(task.wire(behaviour))
        case ("GET", "status"): return enveloped(task.slim(behaviour))
        case ("GET", "stream"): return stream(task.id, request)
        case ("POST", "cancel"):
            if !request.body.isEmpty {
                let problems = WireObject([
                    "force": .boolean, "timeout": .integer(0...3600),
                ]).problems(of: request.json ?? .null)
                note(problems, of: request)
                if !problems.isEmpty { return refused(problems) }
            }
            guard !task.status.isTerminal else {
                return problem(409, "invalid_transition", "The task has ended.")
            }
            update(task.id) { $0.status = .cancelling }
            follow(task.id, [.cancelled])
            return FakeResponse(204)
        default: return problem(405, "method_not_allowed", request.line)
        }
    }

    private func run(_ request: RecordedRequest) async -> FakeResponse {
        guard let body = jsonBody(request) else {
            return problem(400, "invalid_request", "The body is not JSON.")
        }
        let problems = Self.runFields.problems(of: body)
        note(problems, of: request)
        guard problems.isEmpty else { return refused(problems) }
        let behaviour = behaviour
        let task = state.withLock { state in
            let id = "task\(state.next)"
            state.next += 1
            let task = FakeInferenceTask(id: id, request: body)
            state.tasks[id] = task
            return task
        }
        if behaviour.outcome == .rejected {
            update(task.id) {
                $0.status = .rejected
                $0.error = "insufficient balance"
            }
        } else {
            follow(task.id, FakeInferenceTask.Status.path(to: behaviour.outcome))
        }
        if body["wait"]?.truth == true { return await ended(task.id) }
        return enveloped((self.task(task.id) ?? task).slim(behaviour))
    }

    /// The answer to a run that waits: the whole task, or 422 when it came to nothing.
    private func ended(_ id: String) async -> FakeResponse {
        while let task = task(id), !task.status.isTerminal {
            try? await Task.sleep(for: .milliseconds(1))
        }
        guard let task = task(id), task.status == .completed else {
            return problem(422, "task_failed", task(id)?.error ?? "the task was cancelled")
        }
        return enveloped(task.wire(behaviour))
    }

    private func createFiles(_ request: RecordedRequest) -> FakeResponse {
        guard let body = jsonBody(request) else {
            return problem(400, "invalid_request", "The body is not JSON.")
        }
        let problems = Self.fileFields.problems(of: body)
        note(problems, of: request)
        guard problems.isEmpty else { return refused(problems) }
        let records = (body["files"]?.elements ?? []).enumerated().map { index, file in
            let name = "upload-\(server.requests.count)-\(index)"
            let type = file["content_type"]?.text ?? "application/octet-stream"
            let path = "/uploads/\(name)"
            let escaped = type.replacingOccurrences(of: "/", with: "%2F")
            return WireJSON.object([
                .init(key: "id", value: .string(name)),
                .init(key: "uri", value: .string(files.server.origin + path)),
                .init(
                    key: "upload_url",
                    value: .string(
                        "\(files.server.origin)\(path)?signature=valid&type=\(escaped)")),
                .init(key: "content_type", value: .string(type)),
                .init(key: "filename", value: file["filename"] ?? .null),
            ])
        }
        return enveloped(.array(records))
    }

    // MARK: - Tasks

    private func update(_ id: String, _ change: (inout FakeInferenceTask) -> Void) {
        state.withLock { state in
            guard var task = state.tasks[id] else { return }
            change(&task)
            task.version += 1
            state.tasks[id] = task
        }
    }

    /// Lets a task walk through statuses, one after the other.
    private func follow(_ id: String, _ path: [FakeInferenceTask.Status]) {
        let pace = behaviour.pace
        Task { [weak self] in
            for status in path {
                try? await Task.sleep(for: pace)
                guard let self, let task = self.task(id), !task.status.isTerminal else { return }
                if task.status == .cancelling && status != .cancelled { return }
                self.enter(status, task)
            }
        }
    }

    private func enter(_ status: FakeInferenceTask.Status, _ task: FakeInferenceTask) {
        let behaviour = behaviour
        update(task.id) { task in
            task.status = status
            if status == .completed {
                task.output = behaviour.output ?? self.output(of: task, behaviour)
            }
            if status == .failed, case .failed(let text) = behaviour.outcome { task.error = text }
        }
    }

    private func output(of task: FakeInferenceTask, _ behaviour: Behaviour) -> WireJSON {
        let input = task.request["input"]
        let picture = FakePicture.bytes(
            width: input?["width"]?.integer ?? 1024, height: input?["height"]?.integer ?? 1024,
            seed: 0)
        let url = files.hold(picture, type: "image/png", at: "/results/\(task.id).png")
        return ["result": behaviour.wrapsFiles ? ["uri": .string(url)] : .string(url)]
    }

    // MARK: - Answers

    private func enveloped(_ value: WireJSON) -> FakeResponse {
        switch behaviour.envelope {
        case .bare: .json(200, value)
        case .data: .json(200, ["data": value, "messages": behaviour.messages])
        case .successFlag: .json(200, ["success": true, "status": 200, "data": value])
        }
    }

    private func problem(_ status: Int, _ code: String, _ detail: String) -> FakeResponse {
        if behaviour.envelope == .successFlag {
            return .json(
                status,
                [
                    "success": false, "status": .integer(status),
                    "error": ["code": .string(code), "message": .string(detail)],
                ])
        }
        let body: WireJSON = [
            "type": .string("https://api.inference.sh/errors/\(code)"), "title": .string(code),
            "status": .integer(status), "detail": .string(detail),
        ]
        return FakeResponse(status, "application/problem+json", body.bytes)
    }

    private func refused(_ problems: [WireProblem]) -> FakeResponse {
        problem(400, "validation_error", problems.map(\.description).joined(separator: "; "))
    }
}
