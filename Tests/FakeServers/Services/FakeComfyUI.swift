import Foundation
import Synchronization

/// ComfyUI: a queue that one prompt at a time leaves, a socket, a history, files.
public final class FakeComfyUI: FakeService {
    /// How this instance behaves.
    public struct Behaviour: Sendable {
        /// Time per sampling step.
        public var pace = Duration.milliseconds(1)
        public var sendsPreviews = true
        /// Whether previews have 256x256 pixels and the size in bytes of a photograph's.
        public var hasDetailedPreviews = false
        /// Whether previews name their prompt (event 4).
        public var namesPreviews = false
        /// Whether the history is written only after `execution_success` and a moment.
        public var historyDelay = Duration.milliseconds(3)
        /// The message of a node that fails.
        public var failure: String?
        /// Whether the socket breaks when a prompt starts.
        public var dropsSocket = false
        /// Whether uploaded pictures get another name.
        public var renamesUploads = true
        /// Nodes that do not exist here.
        public var missingNodes: Set<String> = []
        /// Files in place of the real outputs.
        public var outputs: WireJSON?
        /// Whether nothing ever starts.
        public var isStuck = false

        public init() {}
    }

    public static let kind = "comfyui"
    public let server: FakeServer
    public let key: String? = nil
    let state: Mutex<State>

    struct State {
        var behaviour: Behaviour
        var sockets: [String: FakeWebSocket] = [:]
        var uploads: [String: [UInt8]] = ["example.png": []]
        var files: [String: [UInt8]] = [:]
        var pending: [Queued] = []
        var running: Queued?
        var interrupted: Set<String> = []
        var history: [String: WireJSON] = [:]
        var isWorking = false
        var counter = 0
    }

    struct Queued: Sendable {
        let number: Int
        let id: String
        let client: String
        let graph: WireJSON

        var wire: WireJSON {
            [.integer(number), .string(id), graph, [:], []]
        }
    }

    private init(server: FakeServer, behaviour: Behaviour) {
        self.server = server
        state = Mutex(State(behaviour: behaviour))
    }

    /// Starts the server.
    public static func start(
        port: Int = 0, behaviour: Behaviour = Behaviour()
    ) async throws -> FakeComfyUI {
        let server = try await FakeServer.start(port: port) { _ in FakeResponse(503) }
        let service = FakeComfyUI(server: server, behaviour: behaviour)
        server.serve { [weak service] in service?.answer($0) ?? FakeResponse(503) }
        return service
    }

    /// Changes how the server behaves.
    public func behave(_ change: @Sendable (inout Behaviour) -> Void) {
        state.withLock { change(&$0.behaviour) }
    }

    var behaviour: Behaviour { state.withLock { $0.behaviour } }

    /// Identifiers that wait or run.
    public var queue: [String] {
        state.withLock { ($0.running.map { [$0.id] } ?? []) + $0.pending.map(\.id) }
    }

    // MARK: - Routes

    private func answer(_ request: RecordedRequest) -> FakeResponse {
        guard request.values(of: "origin").isEmpty else { return FakeResponse(403) }
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.first ?? "", parts.count) {
        case ("GET", "ws", 1): return socket(request)
        case ("POST", "prompt", 1): return enqueue(request)
        case ("GET", "history", 2):
            let entry = state.withLock { $0.history[parts[1]] }
            return .json(.object(entry.map { [.init(key: parts[1], value: $0)] } ?? []))
        case ("GET", "view", 1): return view(request)
        case ("POST", "upload", 2) where parts[1] == "image": return upload(request)
        case ("GET", "queue", 1): return .json(listing)
        case ("POST", "queue", 1): return delete(request)
        case ("POST", "interrupt", 1): return interrupt(request)
        case ("GET", "object_info", 2): return describe(parts[1])
        case ("GET", "models", 2):
            return .json(.array(FakeComfyNode.checkpoints.map { .string($0) }))
        case ("GET", "system_stats", 1): return .json(["system": ["comfyui_version": "0.3.64"]])
        default: return .text(404, "404: Not Found")
        }
    }

    private func socket(_ request: RecordedRequest) -> FakeResponse {
        guard let client = request.query["clientId"], !client.isEmpty else {
            server.note("\(request.line): no clientId")
            return FakeResponse(400)
        }
        return .webSocket { [weak self] socket in
            self?.state.withLock { $0.sockets[client] = socket }
            try await socket.send([
                "type": "status",
                "data": ["status": ["exec_info": ["queue_remaining": 0]], "sid": .string(client)],
            ])
            for await _ in socket.messages {}
            self?.state.withLock { $0.sockets[client] = nil }
        }
    }

    private func describe(_ type: String) -> FakeResponse {
        guard let node = FakeComfyNode.all[type], !behaviour.missingNodes.contains(type) else {
            return .json([:])
        }
        let outputs = WireJSON.array(node.outputs.map { .string($0) })
        return .json(
            .object([
                .init(
                    key: type,
                    value: ["input": ["required": node.description], "output": outputs])
            ]))
    }

    private func enqueue(_ request: RecordedRequest) -> FakeResponse {
        guard let body = jsonBody(request) else { return FakeResponse(500) }
        var shape = Self.promptFields.problems(of: body)
        if let id = body["prompt_id"]?.text, UUID(uuidString: id)?.uuidString.lowercased() != id {
            shape.append(WireProblem(path: ["prompt_id"], message: "no UUID", type: "value"))
        }
        note(shape, of: request)
        guard shape.isEmpty, let graph = body["prompt"] else {
            return Self.refusal("invalid_prompt", "\(shape.first?.description ?? "")", [:])
        }
        let uploads = state.withLock { Set($0.uploads.keys) }
        let problems = Self.problems(of: graph, uploads: uploads)
        for (node, list) in problems {
            for problem in list {
                server.note("node \(node): \(problem.type) \(problem.details)")
            }
        }
        let serious = problems.filter { $0.value.contains { $0.type != "unknown_input" } }
        guard serious.isEmpty else {
            return Self.refusal(
                "prompt_outputs_failed_validation", "Prompt outputs failed validation", serious)
        }
        let id = body["prompt_id"]?.text ?? UUID().uuidString.lowercased()
        let number = state.withLock { state -> Int in
            state.counter += 1
            let item = Queued(
                number: state.counter, id: id, client: body["client_id"]?.text ?? "", graph: graph)
            if body["front"]?.truth == true {
                state.pending.insert(item, at: 0)
            } else {
                state.pending.append(item)
            }
            return state.counter
        }
        work()
        return .json(["prompt_id": .string(id), "number": .integer(number), "node_errors": [:]])
    }

    private static func refusal(
        _ type: String, _ message: String, _ problems: [String: [GraphProblem]]
    ) -> FakeResponse {
        let nodes = problems.sorted { $0.key < $1.key }.map { node, list in
            WireJSON.Member(
                key: node,
                value: [
                    "errors": .array(
                        list.map {
                            [
                                "type": .string($0.type), "message": .string($0.type),
                                "details": .string($0.details), "extra_info": [:],
                            ]
                        }), "dependent_outputs": [], "class_type": "KSampler",
                ])
        }
        return .json(
            400,
            [
                "error": [
                    "type": .string(type), "message": .string(message), "details": "",
                    "extra_info": [:],
                ], "node_errors": .object(nodes),
            ])
    }

    private func upload(_ request: RecordedRequest) -> FakeResponse {
        guard let form = WireForm(request), let image = form["image"], let name = image.file,
            image.type?.hasPrefix("image/") == true
        else {
            server.note("\(request.line): the form is broken")
            return FakeResponse(400)
        }
        let known: Set = ["image", "type", "subfolder", "overwrite"]
        for part in form.parts where !known.contains(part.name) {
            server.note("\(request.line): unknown field \(part.name)")
        }
        let stored = behaviour.renamesUploads ? "stored-\(name)" : name
        let folder = form["subfolder"]?.text ?? ""
        let full = folder.isEmpty ? stored : "\(folder)/\(stored)"
        state.withLock { $0.uploads[full] = image.bytes }
        return .json([
            "name": .string(stored), "subfolder": .string(folder), "type": "input",
        ])
    }

    /// An uploaded picture by its full name.
    public func uploaded(_ name: String) -> [UInt8]? { state.withLock { $0.uploads[name] } }

    private func view(_ request: RecordedRequest) -> FakeResponse {
        let name = request.query["filename"] ?? ""
        guard ["output", "temp", "input"].contains(request.query["type"]) else {
            return FakeResponse(400)
        }
        let key = "\(request.query["subfolder"] ?? "")/\(name)"
        guard let bytes = state.withLock({ $0.files[key] }) else { return FakeResponse(404) }
        return FakeResponse(200, "image/png", bytes)
    }

    private var listing: WireJSON {
        state.withLock { state in
            [
                "queue_running": .array(state.running.map { [$0.wire] } ?? []),
                "queue_pending": .array(state.pending.map(\.wire)),
            ]
        }
    }

    private func delete(_ request: RecordedRequest) -> FakeResponse {
        let ids = request.json?["delete"]?.elements?.compactMap(\.text) ?? []
        state.withLock { state in state.pending.removeAll { ids.contains($0.id) } }
        return FakeResponse(200)
    }

    private func interrupt(_ request: RecordedRequest) -> FakeResponse {
        guard let id = request.json?["prompt_id"]?.text else {
            server.note("\(request.line): interrupts whatever runs")
            return FakeResponse(200)
        }
        state.withLock { state in
            if state.running?.id == id { state.interrupted.insert(id) }
        }
        return FakeResponse(200)
    }

    private static let promptFields = WireObject(
        required: ["prompt"],
        [
            "prompt": .map(
                .object(
                    WireObject(
                        required: ["class_type", "inputs"],
                        [
                            "class_type": .filledString, "inputs": .map(.anything),
                            "_meta": .map(.anything),
                        ]))),
            "client_id": .filledString, "prompt_id": .filledString, "front": .boolean,
            "number": .number(-1e12...1e12), "extra_data": .map(.anything),
            "partial_execution_targets": .list(.filledString, count: 0...100),
        ])
}
