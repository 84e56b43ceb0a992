import Foundation
import Images

/// A task as inference.sh tells it, merged from whole states and partial updates.
struct InferenceShTask {
    /// Where a task stands, whatever number or word says so.
    enum Phase: String {
        case unknown, received, queued, dispatched, preparing, serving, settingUp = "setting_up"
        case running, cancelling, uploading, completed, failed, cancelled, rejected
    }

    private var members: [String: JSONValue]
    /// Whether the numbers are those from before `cancelling` existed.
    private let hasOldNumbers: Bool

    /// Reads an answer in any of the three generations of envelopes.
    ///
    /// - Returns: nil when it is no task.
    init?(answer: JSONValue) {
        let inner = Self.content(of: answer)
        guard let members = inner.members else { return nil }
        self.members = members
        hasOldNumbers = answer["success"] != nil
    }

    /// What an envelope holds; a bare object is its own content.
    static func content(of answer: JSONValue) -> JSONValue { answer["data"] ?? answer }

    /// Takes over what an update says: a whole task, a wrapped one, or only some of its keys.
    mutating func merge(_ update: JSONValue) {
        let content = Self.content(of: update)
        guard let news = content.members else { return }
        if let names = update["fields"]?.elements?.compactMap(\.text) {
            for name in names { if let value = news[name] { members[name] = value } }
        } else {
            members.merge(news) { $1 }
        }
    }

    var id: String? { members["id"]?.filledText }

    /// The words of an error; nil when there is none.
    var error: String? { members["error"].flatMap { ServerMessage.text(of: $0) } }

    /// Links of finished pictures.
    var links: [String] { members["output"].map(Self.links) ?? [] }

    /// Per cent, where the service says so.
    var progress: Double? {
        let value = members["progress"]?.double ?? members["progress"]?["percent"]?.double
        return value.flatMap { (0...100).contains($0) ? $0 : nil }
    }

    /// Where it stands. The same number meant another thing before `cancelling` existed: an error
    /// or a picture decides where both are possible.
    var phase: Phase {
        for key in ["status", "status_text"] {
            let word = members[key]?.text?.lowercased().replacingOccurrences(of: " ", with: "_")
            if let word, Int(word) == nil, let phase = Phase(rawValue: word), phase != .unknown {
                return phase
            }
        }
        guard let number = members["status"]?.integer else { return .unknown }
        return phase(of: number)
    }

    private func phase(of number: Int) -> Phase {
        let now: [Phase] = [
            .unknown, .received, .queued, .dispatched, .preparing, .serving, .settingUp, .running,
            .cancelling, .uploading, .completed, .failed, .cancelled, .rejected,
        ]
        let before: [Phase] = now.filter { $0 != .cancelling && $0 != .rejected }
        let table = hasOldNumbers ? before : now
        let phase = table.indices.contains(number) ? table[number] : .unknown
        guard (9...12).contains(number) else { return phase }
        if error != nil { return phase == .cancelled ? .cancelled : .failed }
        if !links.isEmpty { return .completed }
        return phase
    }

    /// Links in an output: a text, `{"uri": ...}` or `{"url": ...}`, or lists of these.
    private static func links(_ output: JSONValue) -> [String] {
        if let text = output.filledText { return [text] }
        if let elements = output.elements { return elements.flatMap(links) }
        for key in ["result", "results", "uri", "url", "image", "images", "output"] {
            if let value = output[key] {
                let found = links(value)
                if !found.isEmpty { return found }
            }
        }
        return []
    }
}
