import Foundation

/// What `tokenizer_config.json` and `special_tokens_map.json` say, with transformers' defaults and
/// precedence: the map wins over the configuration, unless that has an `added_tokens_decoder`.
struct TokenizerSettings {
    var maximumLength = 77
    var begin = AddedToken(content: "<|startoftext|>", id: 0)
    var end = AddedToken(content: "<|endoftext|>", id: 0)
    var unknown = AddedToken(content: "<|endoftext|>", id: 0)
    var pad = AddedToken(content: "<|endoftext|>", id: 0)
    /// Tokens with ids of their own, from `added_tokens_decoder`.
    var addedTokens: [AddedToken] = []

    /// The named tokens, each content once; of two with the same content the later name counts.
    var specialTokens: [AddedToken] {
        var result: [AddedToken] = []
        for token in [begin, end, unknown, pad] where !token.content.isEmpty {
            result.removeAll { $0.content == token.content }
            result.append(token)
        }
        return result
    }

    /// Reads the files that are there.
    init(folder: URL) throws {
        let file = folder.appendingPathComponent("tokenizer_config.json")
        var hasDecoder = false
        if FileManager.default.fileExists(atPath: file.path) {
            let object = try Self.jsonObject(file)
            apply(object)
            // Absent limits are written as 1e30.
            if let length = (object["model_max_length"] as? NSNumber)?.doubleValue,
                length >= 3, length <= 65_536
            {
                maximumLength = Int(length)
            }
            if let decoder = object["added_tokens_decoder"] as? [String: Any] {
                hasDecoder = true
                addedTokens = try Self.decodedTokens(decoder, file: file.path)
            }
        }
        let map = folder.appendingPathComponent("special_tokens_map.json")
        if !hasDecoder, FileManager.default.fileExists(atPath: map.path) {
            apply(try Self.jsonObject(map))
        }
    }

    private mutating func apply(_ object: [String: Any]) {
        func token(_ key: String) -> AddedToken? {
            if let content = object[key] as? String { return AddedToken(content: content, id: 0) }
            return (object[key] as? [String: Any]).flatMap { AddedToken(json: $0, id: 0) }
        }
        begin = token("bos_token") ?? begin
        end = token("eos_token") ?? end
        unknown = token("unk_token") ?? unknown
        pad = token("pad_token") ?? pad
    }

    private static func decodedTokens(
        _ decoder: [String: Any], file: String
    ) throws -> [AddedToken] {
        try decoder.map { key, value in
            guard let entry = value as? [String: Any],
                let token = AddedToken(json: entry, id: Int(key))
            else {
                throw TokenizerError.malformed(
                    file: file, reason: "the added token \"\(key)\" lacks its content or id")
            }
            return token
        }.sorted { $0.id < $1.id }
    }

    /// The bytes of a tokenizer file, unless it is unreasonably large.
    static func data(_ file: URL) throws -> Data {
        do {
            let values = try FileManager.default.attributesOfItem(atPath: file.path)
            let bytes = (values[.size] as? NSNumber)?.intValue ?? 0
            guard bytes <= CLIPTokenizer.fileLimit else {
                throw TokenizerError.tooLarge(file: file.path, bytes: bytes)
            }
            guard values[.type] as? FileAttributeType != .typeDirectory else {
                throw TokenizerError.unreadable(file: file.path, reason: "it is a folder")
            }
            return try Data(contentsOf: file)
        } catch let error as TokenizerError {
            throw error
        } catch {
            throw TokenizerError.unreadable(
                file: file.path, reason: (error as NSError).localizedDescription)
        }
    }

    /// A JSON file whose top is an object.
    static func jsonObject(_ file: URL) throws -> [String: Any] {
        let data = try data(file)
        guard let parsed = try? JSONSerialization.jsonObject(with: data),
            let object = parsed as? [String: Any]
        else {
            throw TokenizerError.malformed(file: file.path, reason: "it is not a JSON object")
        }
        return object
    }
}

extension AddedToken {
    /// - Returns: nil without content or id.
    init?(json: [String: Any], id: Int?) {
        guard let content = json["content"] as? String, !content.isEmpty, let id else { return nil }
        self.init(content: content, id: id)
        isNormalized = json["normalized"] as? Bool ?? false
        isSingleWord = json["single_word"] as? Bool ?? false
        stripsLeft = json["lstrip"] as? Bool ?? false
        stripsRight = json["rstrip"] as? Bool ?? false
    }
}
