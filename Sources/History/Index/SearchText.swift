import Foundation

/// The form in which texts are compared: lower case, without accents.
enum SearchText {
    /// Folds UTF-8. Plain ASCII, the usual case, takes no detour over `String`.
    static func folded(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(where: { $0 >= 0x80 }) else {
            return bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        // No locale: the same text folds alike on every machine.
        let folded = text.folding(
            options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
        return Array(folded.utf8)
    }

    /// Folds a text.
    static func folded(_ text: String) -> [UInt8] { folded(Array(text.utf8)) }
}
