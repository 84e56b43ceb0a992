/// The options of a choice: what stands between braces, or the lines of a wildcard list.
struct DynamicVariants {
    struct Option: Hashable {
        var text: String
        var weight: Double
    }

    /// In order.
    private(set) var options: [Option] = []
    /// How many are taken.
    private(set) var count = 1...1
    /// What stands between those taken.
    private(set) var separator = ", "

    /// Reads `2$$, $$a|0.5::b`.
    init(_ inside: ArraySlice<UInt8>) {
        let parts = Self.split(inside, at: UInt8(ascii: "|"))
        var first = parts[0]
        if let marker = Self.doubleDollar(in: first), let range = Self.range(first[..<marker]) {
            count = range
            first = first[(marker + 2)...]
            if let second = Self.doubleDollar(in: first) {
                separator = String(decoding: first[..<second], as: UTF8.self)
                first = first[(second + 2)...]
            }
        }
        options = ([first] + parts.dropFirst()).map(Self.option)
    }

    /// Lines of a list; empty ones and comments (`#`) are no options.
    init(lines: [String]) {
        options = lines.map { Array($0.utf8) }.compactMap { line in
            let text = line.drop { $0 == 0x20 || $0 == 0x09 }
            guard let first = text.first, first != UInt8(ascii: "#") else { return nil }
            return Self.option(text)
        }
    }

    /// Cuts at a separator that stands outside of inner braces.
    private static func split(
        _ bytes: ArraySlice<UInt8>, at separator: UInt8
    ) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var level = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "\\"): index += 1
            case UInt8(ascii: "{"): level += 1
            case UInt8(ascii: "}"): level -= 1
            case separator where level == 0:
                parts.append(bytes[start..<index])
                start = index + 1
            default: break
            }
            index += 1
        }
        parts.append(bytes[start...])
        return parts
    }

    private static func doubleDollar(in bytes: ArraySlice<UInt8>) -> Int? {
        let dollar = UInt8(ascii: "$")
        return bytes.indices.dropLast().first { bytes[$0] == dollar && bytes[$0 + 1] == dollar }
    }

    /// `2`, `1-3`, `-3` or `2-`; the last means up to all, which the draw cuts.
    private static func range(_ bytes: ArraySlice<UInt8>) -> ClosedRange<Int>? {
        let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        if parts.count == 1 {
            return Int(text).flatMap { 0...1000 ~= $0 ? $0...$0 : nil }
        }
        guard parts.count == 2, !(parts[0].isEmpty && parts[1].isEmpty) else { return nil }
        guard let low = parts[0].isEmpty ? 0 : Int(parts[0]),
            let high = parts[1].isEmpty ? 1000 : Int(parts[1]),
            0...1000 ~= low, 0...1000 ~= high
        else { return nil }
        return min(low, high)...max(low, high)
    }

    /// Reads `0.5::text`.
    private static func option(_ bytes: ArraySlice<UInt8>) -> Option {
        let colon = UInt8(ascii: ":")
        let text = String(decoding: bytes, as: UTF8.self)
        guard let at = bytes.indices.dropLast().first(where: { bytes[$0] == colon }),
            bytes[at + 1] == colon,
            let weight = PythonText.number(
                String(decoding: bytes[..<at], as: UTF8.self)[...].unicodeScalars), weight >= 0
        else { return Option(text: text, weight: 1) }
        return Option(text: String(decoding: bytes[(at + 2)...], as: UTF8.self), weight: weight)
    }
}
