/// Sentences with the names of files alone, for lines that have no room for their folders.
enum ShortPaths {
    /// Puts `…/name` in place of each absolute path of several folders: `/a/b/c.png is not read` becomes
    /// `…/c.png is not read`. Links keep what they are.
    static func text(_ sentence: String) -> String {
        sentence.split(separator: " ", omittingEmptySubsequences: false).map { word in
            guard word.first == "/", word.count(where: { $0 == "/" }) > 2,
                let name = word.split(separator: "/").last
            else { return String(word) }
            return "…/" + name
        }.joined(separator: " ")
    }
}
