/// A task of the fake inference.sh.
struct FakeInferenceTask: Sendable {
    /// Statuses in the order of their present numbers.
    enum Status: String, CaseIterable, Sendable {
        case unknown, received, queued, dispatched, preparing, serving
        case settingUp = "setting_up"
        case running, cancelling, uploading, completed, failed, cancelled, rejected

        var isTerminal: Bool {
            [.completed, .failed, .cancelled, .rejected].contains(self)
        }

        /// Today's number, the number before `cancelling` existed, or the word.
        func wire(_ numbering: FakeInference.Behaviour.Numbering) -> WireJSON {
            let number = Self.allCases.firstIndex(of: self) ?? 0
            return switch numbering {
            case .current: .integer(number)
            case .old: .integer(number > 8 ? number - 1 : number)
            case .words: .string(rawValue)
            }
        }

        /// What a task goes through after it was received.
        static func path(to outcome: FakeInference.Behaviour.Outcome) -> [Status] {
            let start: [Status] = [.queued, .dispatched, .preparing, .settingUp, .running]
            return switch outcome {
            case .completed: start + [.uploading, .completed]
            case .failed: start + [.failed]
            case .cancelledByService: start + [.cancelled]
            case .rejected: [.rejected]
            case .never: start
            }
        }
    }

    let id: String
    let request: WireJSON
    var status = Status.received
    var output = WireJSON.null
    var error = ""
    /// Counts changes.
    var version = 0

    init(id: String, request: WireJSON) {
        self.id = id
        self.request = request
    }

    /// The whole task.
    func wire(_ behaviour: FakeInference.Behaviour) -> WireJSON {
        var members = slim(behaviour).members ?? []
        members += [
            .init(key: "app_id", value: "app"),
            .init(key: "input", value: request["input"] ?? .null),
            .init(key: "events", value: []), .init(key: "logs", value: []),
        ]
        return .object(members)
    }

    /// What `run` and `status` answer.
    func slim(_ behaviour: FakeInference.Behaviour) -> WireJSON {
        var members: [WireJSON.Member] = [
            .init(key: "id", value: .string(id)), .init(key: "short_id", value: .string(id)),
            .init(key: "status", value: status.wire(behaviour.numbering)),
            .init(key: "status_text", value: .string(status.rawValue)),
            .init(key: "output", value: output), .init(key: "error", value: .string(error)),
            .init(key: "session_id", value: .null),
            .init(key: "created_at", value: "2026-01-02T03:04:05Z"),
            .init(key: "updated_at", value: "2026-01-02T03:04:06Z"),
        ]
        if behaviour.sendsProgress {
            members.append(.init(key: "progress", value: .integer(min(100, version * 15))))
        }
        return .object(members)
    }

    /// Only what changed since the last update, without `id`.
    func changes(_ behaviour: FakeInference.Behaviour) -> (fields: [String], changed: WireJSON) {
        var fields = ["status", "updated_at"]
        if status == .completed { fields.append("output") }
        if !error.isEmpty { fields.append("error") }
        if behaviour.sendsProgress { fields.append("progress") }
        let members = (slim(behaviour).members ?? []).filter { fields.contains($0.key) }
        return (fields, .object(members))
    }
}
