import Foundation

extension FakeInference {
    /// The stream of a task, as lines of JSON or as server-sent events.
    func stream(_ id: String, _ request: RecordedRequest) -> FakeResponse {
        let accept = request.value(of: "accept") ?? "text/event-stream"
        let isLines = accept.contains("application/x-ndjson") && !behaviour.sendsEvents
        if isLines {
            return .stream("application/x-ndjson") { try await self.sendUpdates(id, $0, Lines()) }
        }
        let resumed = request.value(of: "last-event-id") ?? request.query["last_event_id"]
        let events = Events(number: resumed.flatMap { Int($0) } ?? 0)
        return .stream("text/event-stream") { try await self.sendUpdates(id, $0, events) }
    }

    private func sendUpdates(
        _ id: String, _ writer: FakeBodyWriter, _ initialForm: some UpdateForm
    ) async throws {
        var form = initialForm
        if let words = behaviour.eventError, let event = form.error(words, behaviour) {
            try await writer.write(event)
        }
        var sent = -1
        var updates = 0
        while let task = task(id) {
            let behaviour = behaviour
            if behaviour.heartbeatsOnly {
                try await writer.write(form.heartbeat + behaviour.newline)
                try await writer.wait(.milliseconds(5))
                continue
            }
            guard task.version != sent else {
                try await writer.wait(.milliseconds(1))
                continue
            }
            let isFirst = sent < 0
            sent = task.version
            try await writer.write(form.update(task, behaviour, isFirst: isFirst))
            updates += 1
            if let cut = behaviour.streamCut, updates >= cut { return }
            if task.status.isTerminal {
                if let end = form.end(behaviour) { try await writer.write(end) }
                return
            }
        }
    }
}

/// The two ways a stream is written.
private protocol UpdateForm {
    var heartbeat: String { get }
    mutating func update(
        _ task: FakeInferenceTask, _ behaviour: FakeInference.Behaviour, isFirst: Bool
    ) -> String
    func end(_ behaviour: FakeInference.Behaviour) -> String?
    func error(_ words: String, _ behaviour: FakeInference.Behaviour) -> String?
}

/// One JSON value per line.
private struct Lines: UpdateForm {
    var heartbeat: String { #"{"type":"heartbeat"}"# }

    mutating func update(
        _ task: FakeInferenceTask, _ behaviour: FakeInference.Behaviour, isFirst: Bool
    ) -> String {
        let whole = task.wire(behaviour)
        guard behaviour.sendsPartialUpdates, !isFirst else {
            return whole.serialised + behaviour.newline
        }
        let (fields, changed) = task.changes(behaviour)
        let line: WireJSON = ["data": changed, "fields": .array(fields.map { .string($0) })]
        return line.serialised + behaviour.newline
    }

    func end(_ behaviour: FakeInference.Behaviour) -> String? { nil }
    func error(_ words: String, _ behaviour: FakeInference.Behaviour) -> String? { nil }
}

/// Server-sent events.
private struct Events: UpdateForm {
    var number: Int

    var heartbeat: String { ": heartbeat" }

    mutating func update(
        _ task: FakeInferenceTask, _ behaviour: FakeInference.Behaviour, isFirst: Bool
    ) -> String {
        number += 1
        return [
            "id: \(number)", "event: update", "data: \(task.wire(behaviour).serialised)", "", "",
        ].joined(separator: behaviour.newline)
    }

    func error(_ words: String, _ behaviour: FakeInference.Behaviour) -> String? {
        let data: WireJSON = ["message": .string(words)]
        return ["event: error", "data: \(data.serialised)", "", ""].joined(
            separator: behaviour.newline)
    }

    func end(_ behaviour: FakeInference.Behaviour) -> String? {
        ["event: done", "data: {}", "", ""].joined(separator: behaviour.newline)
    }
}
