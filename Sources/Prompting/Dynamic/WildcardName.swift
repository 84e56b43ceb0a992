/// `__name__`: letters, digits, `-`, `_`, `.`, `/`, spaces and `*` between double underscores.
enum WildcardName {
    private static let longest = 200

    /// The end of the wildcard that starts at `index`, nil when none does.
    static func end(in bytes: [UInt8], at index: Int) -> Int? {
        guard index + 4 < bytes.count, bytes[index] == underscore, bytes[index + 1] == underscore
        else { return nil }
        var end = index + 2
        let limit = min(bytes.count, index + longest)
        while end < limit {
            if end > index + 2, bytes[end] == underscore, end + 1 < bytes.count,
                bytes[end + 1] == underscore
            {
                return end + 2
            }
            guard isNameByte(bytes[end]) || " ./*".utf8.contains(bytes[end]) else { return nil }
            end += 1
        }
        return nil
    }

    /// Letters (of any script), digits, `-` and `_`.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), underscore, 0x80...:
            true
        default: false
        }
    }

    private static let underscore = UInt8(ascii: "_")
}
