import Screen

/// Turns the bytes of a terminal into keys, mouse events and pastes.
///
/// A pure state machine: bytes may arrive in any pieces. A sequence that is cut off stays until
/// more arrives or ``flush()`` says that nothing follows, so that a lone Esc is a key. Answers of
/// the terminal to queries are recognised and dropped, wherever they arrive.
public struct KeyDecoder: Sendable {
    /// Longest paste and longest answer that are kept, in bytes.
    private static let pasteLimit = 8_000_000
    private static let sequenceLimit = 4096
    private static let pasteEnd: [UInt8] = Array("\u{1B}[201~".utf8)

    private var pending: [UInt8] = []
    private var paste: [UInt8]?
    /// Sequences that terminfo names, beyond those that all terminals share.
    private let extraKeys: [[UInt8]: KeyEvent]

    /// A decoder that also knows sequences of this terminal's terminfo entry.
    public init(extraKeys: [[UInt8]: KeyEvent] = [:]) {
        self.extraKeys = extraKeys
    }

    /// Whether bytes wait for their continuation.
    public var isWaiting: Bool { !pending.isEmpty && paste == nil }

    /// Decodes what can be decoded.
    public mutating func feed(_ bytes: some Collection<UInt8>) -> [TerminalEvent] {
        var events: [TerminalEvent] = []
        if paste != nil {
            paste?.append(contentsOf: bytes)
            finishPaste(newBytes: bytes.count, &events)
        } else {
            pending.append(contentsOf: bytes)
        }
        decode(&events)
        return events
    }

    /// Nothing follows: what waits is taken as keys.
    public mutating func flush() -> [TerminalEvent] {
        guard paste == nil, let first = pending.first else { return [] }
        var events: [TerminalEvent] = []
        if first == 0x1B {
            flushEscape(&events)
        } else {
            events.append(.key(KeyEvent("\u{FFFD}")))
            pending = []
        }
        return events
    }

    private mutating func flushEscape(_ events: inout [TerminalEvent]) {
        let rest = Array(pending.dropFirst())
        pending = []
        if rest.isEmpty {
            events.append(.key(KeyEvent(.escape)))
        } else if rest.count == 1, let key = Self.plainKey(rest[0]) {
            events.append(.key(KeyEvent(key.key, key.modifiers.union(.alt))))
        } else if rest == [0x1B] {
            events += [.key(KeyEvent(.escape)), .key(KeyEvent(.escape))]
        }
        // Anything longer is the beginning of an answer that never ended: dropped.
    }

    private mutating func decode(_ events: inout [TerminalEvent]) {
        var start = 0
        while start < pending.count, paste == nil {
            guard let step = next(from: start) else { break }
            start += step.length
            switch step.result {
            case .event(let event): events.append(event)
            case .nothing: break
            case .pasteBegins:
                paste = Array(pending[start...])
                pending = []
                start = 0
                finishPaste(newBytes: paste?.count ?? 0, &events)
                if paste == nil { continue }
            }
        }
        pending.removeFirst(min(start, pending.count))
    }

    /// Looks for the end of a paste, only where new bytes can have completed it.
    private mutating func finishPaste(newBytes: Int, _ events: inout [TerminalEvent]) {
        guard let text = paste else { return }
        let from = max(0, text.count - newBytes - Self.pasteEnd.count)
        guard let end = Self.find(Self.pasteEnd, in: text, from: from) else {
            if text.count > Self.pasteLimit { paste = Array(text.suffix(Self.pasteEnd.count)) }
            return
        }
        events.append(.paste(String(decoding: text[..<end], as: UTF8.self)))
        paste = nil
        pending = Array(text[(end + Self.pasteEnd.count)...])
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
        guard bytes.count >= needle.count else { return nil }
        var index = from
        while index <= bytes.count - needle.count {
            if bytes[index] == 0x1B, bytes[index..<(index + needle.count)].elementsEqual(needle) {
                return index
            }
            index += 1
        }
        return nil
    }

    private enum StepResult {
        case event(TerminalEvent), nothing, pasteBegins
    }

    /// The next key from a position and the bytes that it takes; nil when more bytes are needed.
    private func next(from start: Int) -> (result: StepResult, length: Int)? {
        let first = pending[start]
        if first == 0x1B { return escape(from: start) }
        if first < 0x80 {
            return Self.plainKey(first).map { (.event(.key($0)), 1) } ?? (.nothing, 1)
        }
        return utf8(from: start)
    }

    private func utf8(from start: Int) -> (result: StepResult, length: Int)? {
        let length: Int
        switch pending[start] {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return (.event(.key(KeyEvent("\u{FFFD}"))), 1)
        }
        var available = 1
        while available < length, start + available < pending.count {
            guard (0x80...0xBF).contains(pending[start + available]) else {
                return (.event(.key(KeyEvent("\u{FFFD}"))), available)
            }
            available += 1
        }
        guard available == length else { return nil }
        let text = String(decoding: pending[start..<(start + length)], as: UTF8.self)
        return (.event(.key(KeyEvent(text.first ?? "\u{FFFD}"))), length)
    }

    private func escape(from start: Int) -> (result: StepResult, length: Int)? {
        for length in stride(from: min(8, pending.count - start), through: 2, by: -1) {
            if let key = extraKeys[Array(pending[start..<(start + length)])] {
                return (.event(.key(key)), length)
            }
        }
        guard start + 1 < pending.count else { return nil }
        switch pending[start + 1] {
        case UInt8(ascii: "["): return csi(from: start)
        case UInt8(ascii: "O"): return ss3(from: start)
        case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "^"):
            return answer(from: start)
        case 0x1B:
            guard start + 2 < pending.count else { return nil }
            // Esc with Alt is a function key of some terminals; before anything else it is Esc.
            guard [UInt8(ascii: "["), UInt8(ascii: "O")].contains(pending[start + 2]) else {
                return (.event(.key(KeyEvent(.escape))), 1)
            }
            guard let inner = escape(from: start + 1) else { return nil }
            guard case .event(.key(let key)) = inner.result else {
                return (.event(.key(KeyEvent(.escape))), 1)
            }
            let alternative = KeyEvent(key.key, key.modifiers.union(.alt))
            return (.event(.key(alternative)), inner.length + 1)
        default:
            guard let inner = next(from: start + 1) else { return nil }
            guard case .event(.key(let key)) = inner.result else {
                return (inner.result, inner.length + 1)
            }
            let alternative = KeyEvent(key.key, key.modifiers.union(.alt))
            return (.event(.key(alternative)), inner.length + 1)
        }
    }

    private func ss3(from start: Int) -> (result: StepResult, length: Int)? {
        guard start + 2 < pending.count else { return nil }
        let key = Self.letterKey(pending[start + 2]) ?? Self.keypadKey(pending[start + 2])
        return (key.map { .event(.key(KeyEvent($0))) } ?? .nothing, 3)
    }

    /// A string that a terminal sends in answer to a query: dropped up to its terminator.
    private func answer(from start: Int) -> (result: StepResult, length: Int)? {
        var index = start + 2
        while index < pending.count {
            if pending[index] == 0x07 { return (.nothing, index + 1 - start) }
            if pending[index] == 0x1B, index + 1 < pending.count {
                let isEnd = pending[index + 1] == UInt8(ascii: "\\")
                return (.nothing, index - start + (isEnd ? 2 : 0))
            }
            index += 1
        }
        return pending.count - start > Self.sequenceLimit ? (.nothing, pending.count - start) : nil
    }

    private func csi(from start: Int) -> (result: StepResult, length: Int)? {
        var index = start + 2
        guard index < pending.count else { return nil }
        if pending[index] == UInt8(ascii: "[") {
            guard index + 1 < pending.count else { return nil }
            return (Self.consoleFunctionKey(pending[index + 1]), 4)
        }
        while index < pending.count, (0x20...0x3F).contains(pending[index]) { index += 1 }
        guard index < pending.count else {
            return index - start > Self.sequenceLimit ? (.nothing, index - start) : nil
        }
        let final = pending[index]
        guard (0x40...0x7E).contains(final) else { return (.nothing, index - start) }
        let body = pending[(start + 2)..<index]
        let length = index + 1 - start
        if body.elementsEqual("200".utf8), final == UInt8(ascii: "~") {
            return (.pasteBegins, length)
        }
        return (
            ControlSequence(body: body, final: final).event.map { .event($0) } ?? .nothing, length
        )
    }

    private static func consoleFunctionKey(_ byte: UInt8) -> StepResult {
        guard (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(byte) else { return .nothing }
        return .event(.key(KeyEvent(.function(Int(byte - UInt8(ascii: "A")) + 1))))
    }
}
