/// Changes the weight of a word or selection, as stable-diffusion-webui does on Ctrl-Up and
/// Ctrl-Down.
public enum WeightNudge {
    /// A text and what is selected in it.
    public struct Result: Hashable, Sendable {
        /// The new prompt.
        public var text: String
        /// UTF-8 offsets of the words whose weight changed.
        public var selection: Range<Int>
    }

    /// The prompt with a changed weight, or nil where there is nothing to weigh.
    ///
    /// Without a selection the brackets around the cursor are meant, else the word at it. Plain
    /// brackets `((a))` become a number first. At weight 1 the brackets are removed again.
    ///
    /// - Parameters:
    ///   - selection: UTF-8 offsets; empty for a cursor.
    ///   - amount: such as 0.1 or -0.05.
    public static func nudge(
        _ text: String, selection: Range<Int>, by amount: Double
    ) -> Result? {
        var edit = NudgeEdit(text, selection)
        return edit.nudge(by: amount)
    }
}

private struct NudgeEdit {
    private var bytes: [UInt8]
    private var start: Int
    private var end: Int

    /// Characters that end a word.
    private static let delimiters = Set(".,\\/!?%^*;:{}=`~()[]<>| \t\r\n".utf8)

    init(_ text: String, _ selection: Range<Int>) {
        bytes = Array(text.utf8)
        start = min(max(0, selection.lowerBound), bytes.count)
        end = min(max(start, selection.upperBound), bytes.count)
    }

    mutating func nudge(by amount: Double) -> WeightNudge.Result? {
        if start == end { selectAtCursor() }
        trimSelection()
        guard start < end else { return nil }
        let isTag = byte(start - 1) == UInt8(ascii: "<")
        if isTag {
            if byte(end) == UInt8(ascii: ">") { insert(":1.0", at: end) }
        } else if !hasWeight {
            wrap(roundingTo: abs(amount))
        }
        guard byte(end) == UInt8(ascii: ":"), let close = closing(isTag ? ">" : ")"),
            let weight = PythonText.number(
                String(decoding: bytes[(end + 1)..<close], as: UTF8.self)[...].unicodeScalars)
        else { return nil }
        let changed = Self.rounded(weight + amount)
        if changed == 1, !isTag {
            bytes.removeSubrange(end...close)
            bytes.remove(at: start - 1)
            start -= 1
            end -= 1
        } else {
            bytes.replaceSubrange((end + 1)..<close, with: Self.text(changed).utf8)
        }
        return .init(text: String(decoding: bytes, as: UTF8.self), selection: start..<end)
    }

    private func byte(_ index: Int) -> UInt8? {
        bytes.indices.contains(index) ? bytes[index] : nil
    }

    /// Whether the selection is what stands before `:1.2)`.
    private var hasWeight: Bool {
        byte(start - 1) == UInt8(ascii: "(") && !isEscaped(start - 1)
            && byte(end) == UInt8(ascii: ":") && WeightSuffix(bytes, at: end) != nil
    }

    private func isEscaped(_ index: Int) -> Bool {
        var count = 0
        while let before = byte(index - 1 - count), before == UInt8(ascii: "\\") { count += 1 }
        return count % 2 == 1
    }

    private func closing(_ character: Character) -> Int? {
        guard let wanted = character.asciiValue else { return nil }
        return bytes[end...].firstIndex(of: wanted)
    }

    private mutating func insert(_ text: String, at index: Int) {
        bytes.insert(contentsOf: text.utf8, at: index)
    }

    /// Puts `(` and `:1.0)` around the selection; plain brackets around it turn into their weight.
    private mutating func wrap(roundingTo step: Double) {
        var count = 0
        var weight = 1.0
        let pairs = [
            (UInt8(ascii: "("), UInt8(ascii: ")")), (UInt8(ascii: "["), UInt8(ascii: "]")),
        ]
        if let (open, close) = pairs.first(where: {
            byte(start - 1) == $0.0 && byte(end) == $0.1 && !isEscaped(start - 1) && !isEscaped(end)
        }) {
            while byte(start - 1 - count) == open, byte(end + count) == close,
                !isEscaped(start - 1 - count)
            {
                weight *= open == UInt8(ascii: "(") ? 1.1 : 1 / 1.1
                count += 1
            }
            weight = step > 0 ? Self.rounded((weight / step).rounded() * step) : weight
        }
        bytes.replaceSubrange(end..<(end + count), with: ":\(Self.text(weight)))".utf8)
        bytes.replaceSubrange((start - count)..<start, with: [UInt8(ascii: "(")])
        start += 1 - count
        end += 1 - count
    }

    private mutating func selectAtCursor() {
        let pairs: [(Character, Character)] = [("<", ">"), ("(", ")"), ("[", "]")]
        for (open, close) in pairs {
            if let content = enclosing(open, close) {
                start = content.lowerBound
                end = content.upperBound
                return
            }
        }
        while let before = byte(start - 1), !Self.delimiters.contains(before) { start -= 1 }
        while let after = byte(end), !Self.delimiters.contains(after) { end += 1 }
    }

    /// What stands in the innermost brackets around the cursor, without its weight.
    private func enclosing(_ open: Character, _ close: Character) -> Range<Int>? {
        guard let open = open.asciiValue, let close = close.asciiValue else { return nil }
        var before = start - 1
        while let found = byte(before), (found != open && found != close) || isEscaped(before) {
            before -= 1
        }
        guard byte(before) == open else { return nil }
        var after = start
        while let found = byte(after), (found != open && found != close) || isEscaped(after) {
            after += 1
        }
        guard byte(after) == close else { return nil }
        let content = (before + 1)..<after
        guard let colon = bytes[content].lastIndex(of: UInt8(ascii: ":")) else { return content }
        let suffix = String(decoding: bytes[(colon + 1)..<after].prefix(200), as: UTF8.self)
        let isWeight = PythonText.number(suffix[...].unicodeScalars) != nil
        return isWeight ? content.lowerBound..<colon : content
    }

    private mutating func trimSelection() {
        while start < end, byte(start) == UInt8(ascii: " ") { start += 1 }
        while end > start, byte(end - 1) == UInt8(ascii: " ") { end -= 1 }
    }

    /// Twelve significant digits, so that 1.1 + 0.1 is 1.2.
    private static func rounded(_ value: Double) -> Double {
        guard value != 0, value.isFinite else { return value }
        var scale = 1.0
        while abs(value) * scale < 1e11, scale < 1e12 { scale *= 10 }
        return (value * scale).rounded() / scale
    }

    private static func text(_ weight: Double) -> String {
        weight == 0 ? "0.0" : "\(weight)"
    }
}
