/// Weights that are written as numbers and are none that a picture can be made with: `(x:nan)`, `(x:inf)`,
/// `(x:1e999)`. They are read as text.
public enum UnreadableWeight {
    /// The weights as they are typed, each once, in order; at most five.
    public static func found(in prompt: String) -> [String] {
        let bytes = Array(prompt.utf8)
        var found: [String] = []
        var index = 0
        while found.count < mostFound,
            let colon = bytes[index...].firstIndex(of: UInt8(ascii: ":"))
        {
            index = colon + 1
            let rest = bytes[index..<min(bytes.count, index + longest)]
            guard let end = rest.firstIndex(of: UInt8(ascii: ")")) else { continue }
            let text = String(decoding: rest[..<end], as: UTF8.self)
            let weight = text.split(separator: " ").joined()
            let isKnown = found.contains { $0.lowercased() == weight.lowercased() }
            if !isKnown, isUnreadable(weight) { found.append(weight) }
        }
        return found
    }

    /// More are told as these.
    private static let mostFound = 5
    /// Longer texts are no weights.
    private static let longest = 40

    /// What Python's `float` takes for infinite or no number.
    private static func isUnreadable(_ text: String) -> Bool {
        var plain = text.lowercased()
        if plain.first == "+" || plain.first == "-" { plain.removeFirst() }
        if ["nan", "inf", "infinity"].contains(plain) { return true }
        guard plain.first?.isNumber == true || plain.first == "." else { return false }
        return Double(plain).map { !$0.isFinite } ?? false
    }
}
