import Foundation

/// The scales that peft keeps outside the tensors: in `adapter_config.json` beside the file, or in
/// the header that diffusers writes.
struct PeftScaling: Sendable {
    private struct Configuration: Sendable {
        var alpha: Double?
        var rank: Double?
        var usesRootOfRank: Bool
        var patterns: [String: Double]
        var rankPatterns: [String: Double]

        init(_ members: [String: JSONValue]) {
            func number(_ key: String) -> Double? {
                if case .number(let value)? = members[key] { value } else { nil }
            }
            func numbers(_ key: String) -> [String: Double] {
                guard case .object(let values)? = members[key] else { return [:] }
                return values.compactMapValues { if case .number(let n) = $0 { n } else { nil } }
            }
            alpha = number("lora_alpha") ?? number("alpha")
            rank = number("r")
            usesRootOfRank = members["use_rslora"] == .bool(true)
            patterns = numbers("alpha_pattern")
            rankPatterns = numbers("rank_pattern")
        }
    }

    /// By the part of the pipeline, "" where the file has one part.
    private var parts: [String: Configuration] = [:]

    /// - Throws: ``AdapterError/badMetadata(file:reason:)``.
    init(metadata: [String: String], beside file: URL) throws {
        if let text = metadata["lora_adapter_metadata"] {
            guard
                let members = try? JSONDecoder().decode(
                    [String: JSONValue].self, from: Data(text.utf8))
            else {
                throw AdapterError.badMetadata(
                    file: file.path, reason: "its lora_adapter_metadata is not JSON")
            }
            var grouped: [String: [String: JSONValue]] = [:]
            for (key, value) in members {
                let names = key.split(separator: ".", maxSplits: 1).map(String.init)
                if names.count == 2 { grouped[names[0], default: [:]][names[1]] = value }
            }
            parts = grouped.mapValues { Configuration($0) }
        }
        let json = file.deletingLastPathComponent().appendingPathComponent("adapter_config.json")
        if file.lastPathComponent == "adapter_model.safetensors",
            FileManager.default.fileExists(atPath: json.path)
        {
            parts[""] = Configuration(try ConfigurationFile(json).members)
        }
    }

    /// The factor of a module of that rank, nil where nothing is said.
    func scale(of module: String, rank: Int) -> Double? {
        let part = module.prefix { $0 != "." }
        guard let found = parts[String(part)] ?? parts[""] else { return nil }
        func matching(_ patterns: [String: Double]) -> Double? {
            patterns.first { module == $0.key || module.hasSuffix("." + $0.key) }?.value
        }
        guard let alpha = matching(found.patterns) ?? found.alpha else { return nil }
        let rank = matching(found.rankPatterns) ?? found.rank ?? Double(rank)
        return alpha / (found.usesRootOfRank ? rank.squareRoot() : max(rank, 1))
    }
}
