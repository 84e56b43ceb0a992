import Foundation

extension CLIPTokenizer {
    /// Largest tokenizer file that is read, in bytes; SDXL's `tokenizer.json` has 3.6 million.
    static let fileLimit = 64 << 20

    /// Loads the tokenizer of a diffusers folder.
    ///
    /// Reads `tokenizer.json`, or else `vocab.json` and `merges.txt`, and beside them
    /// `tokenizer_config.json` and `special_tokens_map.json` where present. Vocabularies of any
    /// size load.
    ///
    /// - Throws: ``TokenizerError``.
    public static func load(folder: URL) throws -> CLIPTokenizer {
        let settings = try TokenizerSettings(folder: folder)
        if FileManager.default.fileExists(atPath: folder.appending("tokenizer.json").path) {
            return try loadSingleFile(folder.appending("tokenizer.json"), settings)
        }
        let files = ["vocab.json", "merges.txt"].map { folder.appending($0) }
        guard files.allSatisfy({ FileManager.default.fileExists(atPath: $0.path) }) else {
            throw TokenizerError.noFiles(folder: folder.path)
        }
        let ids = try tokenIDs(try jsonObject(files[0]), file: files[0].path)
        let merges = try mergeLines(files[1])
        let vocabulary = TokenizerVocabulary(ids: ids, merges: merges, file: files[1].path)
        return try make(vocabulary, settings, addedTokens: [])
    }

    private static func loadSingleFile(
        _ file: URL, _ settings: TokenizerSettings
    ) throws -> CLIPTokenizer {
        let root = try jsonObject(file)
        guard let model = root["model"] as? [String: Any],
            model["type"] == nil || model["type"] as? String == "BPE"
        else {
            throw TokenizerError.malformed(
                file: file.path, reason: "its model is not byte pair encoding")
        }
        guard let vocabulary = model["vocab"] as? [String: Any],
            let merges = model["merges"] as? [Any]
        else {
            throw TokenizerError.malformed(
                file: file.path, reason: "its model lacks a vocabulary or merges")
        }
        let pairs = try merges.enumerated().map { index, entry in
            guard let pair = mergePair(entry) else {
                throw TokenizerError.malformed(
                    file: file.path, reason: "merge \(index + 1) is not a pair of tokens")
            }
            return pair
        }
        let added = try (root["added_tokens"] as? [Any] ?? []).map {
            guard let entry = $0 as? [String: Any],
                let token = AddedToken(json: entry, id: entry["id"] as? Int)
            else {
                throw TokenizerError.malformed(
                    file: file.path, reason: "an added token lacks its content or id")
            }
            return token
        }
        let ids = try tokenIDs(vocabulary, file: file.path)
        return try make(
            TokenizerVocabulary(ids: ids, merges: pairs, file: file.path), settings,
            addedTokens: added)
    }

    private static func make(
        _ vocabulary: TokenizerVocabulary, _ settings: TokenizerSettings, addedTokens: [AddedToken]
    ) throws -> CLIPTokenizer {
        try vocabulary.checkIDs()
        var added = addedTokens + settings.addedTokens
        var size = 1 + max(vocabulary.ids.values.max() ?? 0, added.map(\.id).max() ?? 0)
        func id(_ content: String) -> Int {
            if let id = added.last(where: { $0.content == content })?.id { return id }
            if let id = vocabulary.ids[content] { return id }
            size += 1
            return size - 1
        }
        let listed = Set(added.map(\.content))
        for special in settings.specialTokens where !listed.contains(special.content) {
            var token = special
            token.id = id(special.content)
            added.removeAll { $0.content == token.content }
            added.append(token)
        }
        guard added.allSatisfy({ 0..<TokenizerVocabulary.idLimit ~= $0.id }) else {
            throw TokenizerError.malformed(
                file: vocabulary.file, reason: "an added token has an impossible id")
        }
        let configuration = Configuration(
            maximumLength: settings.maximumLength, beginID: id(settings.begin.content),
            endID: id(settings.end.content), padID: id(settings.pad.content))
        return CLIPTokenizer(
            encoder: try vocabulary.encoder(unknownID: id(settings.unknown.content)),
            vocabularySize: size, configuration: configuration, addedTokens: added)
    }

    private static func tokenIDs(_ object: [String: Any], file: String) throws -> [String: Int] {
        try object.mapValues {
            guard let id = $0 as? Int else {
                throw TokenizerError.malformed(file: file, reason: "a token's id is not a number")
            }
            return id
        }
    }

    private static func mergePair(_ entry: Any) -> (left: String, right: String)? {
        var parts = entry as? [String] ?? []
        if let line = entry as? String {
            parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        }
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    private static func mergeLines(_ file: URL) throws -> [(left: String, right: String)] {
        let text = String(decoding: try TokenizerSettings.data(file), as: UTF8.self)
        var merges: [(left: String, right: String)] = []
        for (index, bytes) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = bytes.last == 0x0D ? bytes.dropLast() : bytes
            if line.isEmpty || index == 0 && line.starts(with: "#version".utf8) { continue }
            let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
            guard parts.count == 2, let left = String(parts[0]), let right = String(parts[1]) else {
                throw TokenizerError.malformed(
                    file: file.path, reason: "line \(index + 1) is not a pair of tokens")
            }
            merges.append((left, right))
        }
        return merges
    }

    private static func jsonObject(_ file: URL) throws -> [String: Any] {
        try TokenizerSettings.jsonObject(file)
    }
}

extension URL {
    fileprivate func appending(_ name: String) -> URL { appendingPathComponent(name) }
}
