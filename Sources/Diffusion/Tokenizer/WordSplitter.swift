/// Cuts normalised text into the words that are encoded one by one.
///
/// The pattern is CLIP's: `<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|
/// [\p{N}]|[^\s\p{L}\p{N}]+`, followed by that of GPT-2 on each piece, which only cuts the two
/// literals again: `<|`, `startoftext`, `|>`.
enum WordSplitter {
    private static let literals = ["<|startoftext|>", "<|endoftext|>"].map {
        $0.unicodeScalars.map(\.value)
    }

    /// Calls `body` with the range of each word within `range`, in order.
    static func forEachWord(
        in text: ScalarText, _ range: Range<Int>, _ body: (Range<Int>) -> Void
    ) {
        let scalars = text.scalars
        var index = range.lowerBound
        while index < range.upperBound {
            let scalar = scalars[index]
            let start = index
            switch ScalarClass(scalar) {
            case .space:
                index += 1
                continue
            case .number:
                index += 1
            case .letter:
                index = runEnd(.letter, scalars, index, range.upperBound)
            case .other:
                if let literal = literal(scalars, index, range.upperBound) {
                    body(index..<(index + 2))
                    body((index + 2)..<(index + literal - 2))
                    body((index + literal - 2)..<(index + literal))
                    index += literal
                    continue
                }
                index =
                    contractionEnd(scalars, index, range.upperBound)
                    ?? runEnd(.other, scalars, index, range.upperBound)
            }
            body(start..<index)
        }
    }

    private static func runEnd(
        _ kind: ScalarClass, _ scalars: [UInt32], _ start: Int, _ limit: Int
    ) -> Int {
        var index = start + 1
        while index < limit, ScalarClass(scalars[index]) == kind { index += 1 }
        return index
    }

    /// The end of `'s 't 're 've 'm 'll 'd` at `start`.
    private static func contractionEnd(_ scalars: [UInt32], _ start: Int, _ limit: Int) -> Int? {
        guard scalars[start] == 0x27, start + 1 < limit else { return nil }
        let first = scalars[start + 1]
        switch first {
        case 0x73, 0x74, 0x6D, 0x64: return start + 2
        case 0x72, 0x76:
            return start + 2 < limit && scalars[start + 2] == 0x65 ? start + 3 : nil
        case 0x6C:
            return start + 2 < limit && scalars[start + 2] == 0x6C ? start + 3 : nil
        default: return nil
        }
    }

    /// The length of a literal that starts at `start`.
    private static func literal(_ scalars: [UInt32], _ start: Int, _ limit: Int) -> Int? {
        guard scalars[start] == 0x3C else { return nil }
        return literals.first {
            start + $0.count <= limit && scalars[start..<(start + $0.count)].elementsEqual($0)
        }?.count
    }
}
