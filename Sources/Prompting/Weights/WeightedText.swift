/// A stretch of prompt text with one weight, as the text encoders' arithmetic takes it.
public struct WeightedText: Hashable, Sendable {
    /// Where a part of ``text`` stands in the prompt. Brackets and backslashes are left out of the
    /// text, so it can come from several places.
    public struct Span: Hashable, Sendable {
        /// UTF-8 offset in ``text`` at which the part begins.
        public var textOffset: Int
        /// UTF-8 offsets of the part in the prompt.
        public var source: Range<Int>

        /// A part of the text and the place it was taken from.
        public init(textOffset: Int, source: Range<Int>) {
            self.textOffset = textOffset
            self.source = source
        }
    }

    /// The text without brackets, weights and backslashes.
    public var text: String
    /// Multiplier, 1 where nothing is said; may be 0 or negative, always finite.
    public var weight: Double
    /// The parts of the text in order.
    public var spans: [Span]

    /// A text with a weight and where its parts came from.
    public init(text: String, weight: Double, spans: [Span] = []) {
        self.text = text
        self.weight = weight
        self.spans = spans
    }

    /// Whether this is A1111's `BREAK`, which ends a chunk of tokens and is no text.
    public var isBreak: Bool { weight == -1 && text == "BREAK" }

    /// The place in the prompt that a range of UTF-8 offsets in ``text`` stands for.
    public func source(of range: Range<Int>) -> Range<Int> {
        let start = sourceOffset(range.lowerBound, isEnd: false)
        return start..<max(start, sourceOffset(range.upperBound, isEnd: true))
    }

    /// An offset that lies between two parts belongs to the later one, as an end to the earlier.
    private func sourceOffset(_ offset: Int, isEnd: Bool) -> Int {
        // Binary search for the last part that begins before (or, for starts, at) the offset.
        var low = 0
        var high = spans.count
        while low < high {
            let middle = (low + high) / 2
            let begins = spans[middle].textOffset
            if isEnd ? begins < offset : begins <= offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low > 0 else { return spans.first?.source.lowerBound ?? offset }
        let span = spans[low - 1]
        return min(span.source.lowerBound + offset - span.textOffset, span.source.upperBound)
    }
}
