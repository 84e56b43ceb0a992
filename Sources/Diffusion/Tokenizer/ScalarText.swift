/// A text as Unicode scalars, each of which knows the bytes of the source that it came from.
struct ScalarText {
    /// Scalar values.
    private(set) var scalars: [UInt32] = []
    /// UTF-8 offsets in the source at which each scalar's origin starts.
    private(set) var starts: [Int] = []
    /// UTF-8 offsets in the source at which each scalar's origin ends.
    private(set) var ends: [Int] = []

    var count: Int { scalars.count }

    init() {}

    /// The scalars of `text` as they are.
    init(_ text: String) {
        let utf8Count = text.utf8.count
        scalars.reserveCapacity(utf8Count)
        starts.reserveCapacity(utf8Count)
        ends.reserveCapacity(utf8Count)
        var offset = 0
        for scalar in text.unicodeScalars {
            let end = offset + UTF8.width(scalar)
            append(scalar.value, offset, end)
            offset = end
        }
    }

    private mutating func append(_ scalar: UInt32, _ start: Int, _ end: Int) {
        scalars.append(scalar)
        starts.append(start)
        ends.append(end)
    }

    /// The source bytes behind a non-empty range of scalars.
    func sourceRange(_ range: Range<Int>) -> Range<Int> {
        starts[range.lowerBound]..<max(starts[range.lowerBound], ends[range.upperBound - 1])
    }

    /// Normalises a range of scalars as CLIP's tokenizer does: canonical composition (NFC), runs of
    /// white space to one space, lower case scalar by scalar.
    func normalized(_ range: Range<Int>) -> ScalarText {
        var result = ScalarText()
        result.scalars.reserveCapacity(range.count)
        result.starts.reserveCapacity(range.count)
        result.ends.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let end = compositionEnd(after: index, limit: range.upperBound)
            if !CanonicalComposition.mayChange(scalars[index..<end]) {
                for same in index..<end {
                    result.appendFolded(scalars[same], starts[same], ends[same])
                }
            } else {
                for scalar in CanonicalComposition.compose(scalars[index..<end]) {
                    result.appendFolded(scalar, starts[index], ends[end - 1])
                }
            }
            index = end
        }
        return result
    }

    /// Where the run of scalars ends that canonical composition may touch together.
    private func compositionEnd(after index: Int, limit: Int) -> Int {
        var end = index + 1
        let limit = min(limit, index + CanonicalComposition.longestRun)
        while end < limit, CanonicalComposition.continues(scalars[end]) { end += 1 }
        return end > index + 1 && CanonicalComposition.isUnknownToReference(scalars[index])
            ? index + 1 : end
    }

    /// Appends one scalar in lower case; a space only if none precedes.
    private mutating func appendFolded(_ scalar: UInt32, _ start: Int, _ end: Int) {
        if scalar < 0x80 {
            if ScalarClass.isSpace(scalar) {
                if scalars.last == 0x20 {
                    ends[ends.count - 1] = end
                } else {
                    append(0x20, start, end)
                }
            } else {
                append(scalar >= 0x41 && scalar <= 0x5A ? scalar + 0x20 : scalar, start, end)
            }
            return
        }
        guard !ScalarClass.isSpace(scalar) else {
            appendFolded(0x20, start, end)
            return
        }
        // CJK and Hangul, the long texts without case, need no look-up.
        if scalar >= 0x2E80 && scalar < 0xA640 || scalar >= 0xAC00 && scalar < 0xD7A4 {
            append(scalar, start, end)
            return
        }
        guard let properties = Unicode.Scalar(scalar)?.properties else { return }
        for folded in properties.lowercaseMapping.unicodeScalars {
            append(folded.value, start, end)
        }
    }
}
