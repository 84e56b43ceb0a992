/// Reads Unicode scalars from the UTF-8 bytes of a valid string.
struct ScalarReader {
    private let bytes: [UInt8]
    private let limit: Int
    /// Offset of the next scalar.
    private(set) var index: Int

    init(_ bytes: [UInt8], from index: Int, limit: Int) {
        self.bytes = bytes
        self.index = index
        self.limit = limit
    }

    private var width: Int {
        switch bytes[index] {
        case 0..<0x80: 1
        case 0xC0..<0xE0: 2
        case 0xE0..<0xF0: 3
        default: 4
        }
    }

    /// The next scalar, nil at the end.
    var peek: Unicode.Scalar? {
        guard index < limit else { return nil }
        if bytes[index] < 0x80 { return Unicode.Scalar(bytes[index]) }
        let end = min(index + width, bytes.count)
        return String(decoding: bytes[index..<end], as: UTF8.self).unicodeScalars.first
    }

    mutating func advance() {
        if index < limit { index = min(index + width, bytes.count) }
    }

    mutating func skip(_ isSkipped: (Unicode.Scalar) -> Bool) {
        while let scalar = peek, isSkipped(scalar) { advance() }
    }
}
