/// Tokens by their text, and the merge rules in order, as tokenizer files state them.
struct TokenizerVocabulary {
    /// Tokens by text, in the alphabet in which GPT-2 writes bytes.
    var ids: [String: Int]
    /// Pairs of token texts in order of rank.
    var merges: [(left: String, right: String)]
    /// Name of the file, for errors.
    var file: String

    /// Largest id that a file may give; SDXL's vocabulary ends at 49,407.
    static let idLimit = 1 << 24

    /// The encoder of this vocabulary.
    ///
    /// - Parameter unknownID: token of bytes that the vocabulary lacks.
    /// - Throws: ``TokenizerError/malformed(file:reason:)`` when a rule names an unknown token.
    func encoder(unknownID: Int) throws -> BytePairEncoder {
        var rules: [BytePairEncoder.Merge] = []
        rules.reserveCapacity(merges.count)
        for (index, merge) in merges.enumerated() {
            guard let left = ids[merge.left], let right = ids[merge.right],
                let merged = ids[merge.left + merge.right]
            else {
                let missing = [merge.left, merge.right, merge.left + merge.right].first {
                    ids[$0] == nil
                }
                throw TokenizerError.malformed(
                    file: file,
                    reason: "merge \(index + 1) needs the token \"\(missing ?? "")\", "
                        + "which the vocabulary lacks")
            }
            rules.append(.init(left: Int32(left), right: Int32(right), merged: Int32(merged)))
        }
        let symbols = ByteAlphabet.symbols
        return BytePairEncoder(
            byteTokens: symbols.map { Int32(ids[$0] ?? unknownID) },
            finalByteTokens: symbols.map { Int32(ids[$0 + "</w>"] ?? unknownID) },
            merges: rules)
    }

    /// - Throws: ``TokenizerError/malformed(file:reason:)`` for ids out of range.
    func checkIDs() throws {
        guard !ids.isEmpty else {
            throw TokenizerError.malformed(file: file, reason: "the vocabulary is empty")
        }
        guard let wrong = ids.first(where: { $0.value < 0 || $0.value >= Self.idLimit }) else {
            return
        }
        throw TokenizerError.malformed(
            file: file, reason: "the token \"\(wrong.key)\" has the id \(wrong.value)")
    }
}

/// The alphabet in which byte-level vocabularies write arbitrary bytes as visible characters.
enum ByteAlphabet {
    /// The character of each byte 0...255: itself where it is visible, otherwise the next unused
    /// one from U+0100 on.
    static let symbols: [String] = {
        var next: UInt32 = 0x100
        return (0..<256).map { (byte: UInt32) in
            let isVisible = 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte
            defer { if !isVisible { next += 1 } }
            return Unicode.Scalar(isVisible ? byte : next).map { String(Character($0)) } ?? ""
        }
    }()
}
