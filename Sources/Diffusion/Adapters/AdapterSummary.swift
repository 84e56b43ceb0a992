import Foundation
import Generation

/// What the file of a LoRA or a textual inversion says about itself, for lists of models. No weight
/// is read.
public struct AdapterSummary: Codable, Hashable, Sendable {
    /// The kind of model it was made for, by its tensors and its header; nil when nothing tells.
    public var baseModel: String?
    /// Words that it listens to.
    public var triggerWords: [String] = []
    /// Why the file cannot be used; nil when nothing is wrong with it.
    public var problem: String?

    private static let maximumWords = 5

    /// Looks into the file of a LoRA.
    public init(lora url: URL) {
        do {
            let file = try AdapterFile(url)
            baseModel = AdapterBase(file).title ?? AdapterBase.byMetadata(file.metadata)
            triggerWords = Self.words(file.metadata, beside: url)
        } catch {
            problem = (error as? any UserFacingError)?.summary ?? error.localizedDescription
        }
    }

    /// Looks into the file of a textual inversion, whose own name is its word.
    public init(embedding url: URL, name: String) {
        triggerWords = [name]
        do {
            let file = try SafetensorsFile(path: url.path)
            var widths: [AdapterNetwork?: Int] = [:]
            for entry in file.entries.values {
                let network: AdapterNetwork? =
                    entry.name == "clip_l"
                    ? .textEncoder : entry.name == "clip_g" ? .textEncoder2 : nil
                widths[network] = entry.shape.last
            }
            baseModel = AdapterBase.family(ofTables: widths)?.title
        } catch {
            problem = error.summary
        }
    }

    /// What a safetensors file is by its tensors' names; nil for whole models and other things.
    public static func kind(of url: URL) -> Kind? {
        guard let file = try? SafetensorsFile(path: url.path) else { return nil }
        let names = file.entries.keys
        if names.contains(where: { ["clip_l", "clip_g", "emb_params"].contains($0) }) {
            return .embedding
        }
        let known = names.count { AdapterTensorName($0).map { $0.role != .scale } ?? false }
        return known * 2 > names.count ? .lora : nil
    }

    /// What a file adds to a model.
    public enum Kind: Sendable {
        case lora, embedding
    }

    /// Trigger words: of the header, of the files that A1111 and Civitai's helpers put beside it, or
    /// the tags that every training picture had.
    private static func words(_ metadata: [String: String], beside url: URL) -> [String] {
        if let phrase = metadata["modelspec.trigger_phrase"], !phrase.isEmpty {
            return list(phrase)
        }
        let stem = url.deletingPathExtension()
        for (ending, key) in [("json", "activation text"), ("civitai.info", "trainedWords")] {
            guard let file = try? ConfigurationFile(stem.appendingPathExtension(ending)) else {
                continue
            }
            if case .string(let text)? = file[key], !text.isEmpty { return list(text) }
            if case .array(let values)? = file[key] {
                let words = values.compactMap { value -> String? in
                    if case .string(let word) = value { word } else { nil }
                }
                if !words.isEmpty { return Array(words.prefix(maximumWords)) }
            }
        }
        return frequentTags(metadata["ss_tag_frequency"])
    }

    private static func list(_ text: String) -> [String] {
        let words = text.split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return Array(words.filter { !$0.isEmpty }.prefix(maximumWords))
    }

    /// `{"folder": {"tag": count}}`: tags as frequent as the most frequent one.
    private static func frequentTags(_ json: String?) -> [String] {
        guard let json,
            let folders = try? JSONDecoder().decode(
                [String: [String: Double]].self, from: Data(json.utf8))
        else { return [] }
        var counts: [String: Double] = [:]
        for tags in folders.values {
            for (tag, count) in tags { counts[tag, default: 0] += count }
        }
        let most = counts.values.max() ?? 0
        let frequent = counts.filter { $0.value >= most }.keys.map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        return Array(frequent.sorted().prefix(maximumWords))
    }
}
