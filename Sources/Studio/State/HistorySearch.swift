import Generation

/// The words that a search of the history looks for.
///
/// `*` finds starred entries, `#tag` those with a tag that begins so, every other word those that
/// contain it anywhere.
struct HistorySearch: Hashable, Sendable {
    private var wantsStar = false
    private var tags: [String] = []
    private var words: [[UInt8]] = []

    init(_ query: String) {
        for word in query.lowercased().split(whereSeparator: \.isWhitespace) {
            if word == "*" {
                wantsStar = true
            } else if word.first == "#", word.count > 1 {
                tags.append(String(word.dropFirst()))
            } else {
                words.append(Array(word.utf8))
            }
        }
    }

    var isEmpty: Bool { !wantsStar && tags.isEmpty && words.isEmpty }
    /// Whether the text of entries is needed at all.
    var readsText: Bool { !words.isEmpty }

    /// Whether an entry is found, whose ``text(of:)`` is `text`.
    func finds(_ entry: HistoryEntry, text: [UInt8]) -> Bool {
        if wantsStar, !entry.isStarred { return false }
        for tag in tags where !entry.tags.contains(where: { $0.lowercased().hasPrefix(tag) }) {
            return false
        }
        return words.allSatisfy { Self.contains(text, $0) }
    }

    /// What is searched of an entry: lower case, as bytes.
    static func text(of entry: HistoryEntry) -> [UInt8] {
        let settings = entry.settings
        let parts = [
            entry.prompt, settings.negativePrompt ?? "", entry.note,
            entry.tags.joined(separator: " "), settings.backend, settings.model ?? "",
            entry.status.rawValue, settings.style ?? "", entry.seed.map { String($0) } ?? "",
        ]
        return Array(parts.joined(separator: "\n").lowercased().utf8)
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        guard let first = word.first, text.count >= word.count else { return word.isEmpty }
        return text.withUnsafeBufferPointer { text in
            word.withUnsafeBufferPointer { word in
                for start in 0...(text.count - word.count) where text[start] == first {
                    var length = 1
                    while length < word.count, text[start + length] == word[length] { length += 1 }
                    if length == word.count { return true }
                }
                return false
            }
        }
    }
}
