import NIOCore
import Providers

/// Decides which messages of a websocket are handed on, and when, without reading more of them than
/// their beginning.
struct MessageGate {
    /// A whole message, as it lies in memory.
    struct Message {
        let isText: Bool
        let data: ByteBuffer

        var value: WebSocketMessage {
            isText ? .text(String(buffer: data)) : .binary(Array(data.readableBytesView))
        }
    }

    private let rules: MessageRules
    /// Messages that wait, of each kind the newest, in order.
    private var held: [(kind: String, message: Message)] = []
    /// When a kind may be handed on again.
    private var free: [String: NIODeadline] = [:]

    init(_ rules: MessageRules) { self.rules = rules }

    /// What is handed on now that a message has come.
    mutating func pass(_ message: Message, at now: NIODeadline) -> [Message] {
        let kind = message.isText ? message.data.messageType ?? "" : Self.binary
        switch message.isText ? rules.texts[kind] ?? .each : rules.binary {
        case .never: return []
        case .each: return flush(at: now) + [message]
        case .newest(let pause):
            if let index = held.firstIndex(where: { $0.kind == kind }) { held.remove(at: index) }
            guard now < free[kind] ?? now else {
                free[kind] = now + TimeAmount(pause)
                return [message]
            }
            held.append((kind, message))
            return []
        }
    }

    /// When the next message that is held back may be handed on; nil: there is none.
    var due: NIODeadline? { held.compactMap { free[$0.kind] }.min() }

    /// What may be handed on by now.
    mutating func release(at now: NIODeadline) -> [Message] {
        let ready = held.filter { now >= free[$0.kind] ?? now }
        held.removeAll { item in ready.contains { $0.kind == item.kind } }
        for item in ready { hold(item.kind, from: now) }
        return ready.map(\.message)
    }

    /// Everything that is held back.
    mutating func flush(at now: NIODeadline) -> [Message] {
        defer { held = [] }
        for item in held { hold(item.kind, from: now) }
        return held.map(\.message)
    }

    private mutating func hold(_ kind: String, from now: NIODeadline) {
        let rule = kind == Self.binary ? rules.binary : rules.texts[kind]
        if case .newest(let pause) = rule { free[kind] = now + TimeAmount(pause) }
    }

    /// The kind of binary messages; no text begins so.
    private static let binary = "\u{0}binary"
}

extension ByteBuffer {
    /// The word of `{"type": "word"` where a text begins with it, at most 64 bytes long.
    var messageType: String? {
        withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            func skip(_ text: StaticString) -> Bool {
                rest = rest.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
                let wanted = UnsafeRawBufferPointer(
                    start: text.utf8Start, count: text.utf8CodeUnitCount)
                guard rest.starts(with: wanted) else { return false }
                rest = rest.dropFirst(wanted.count)
                return true
            }
            guard skip("{"), skip("\"type\""), skip(":"), skip("\"") else { return nil }
            let word = rest.prefix(64).prefix { $0 != UInt8(ascii: "\"") }
            guard word.count < 64, word.count < rest.count, !word.contains(UInt8(ascii: "\\"))
            else { return nil }
            return String(decoding: word, as: UTF8.self)
        }
    }
}
