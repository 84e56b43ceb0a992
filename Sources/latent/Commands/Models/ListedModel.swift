import Diffusion
import Foundation
import Generation
import Settings

/// A line of `models list`: a catalog's entry, or the model that ships with the program, with what
/// LoRAs and textual inversions say about themselves.
struct ListedModel: Encodable {
    let name: String
    let kind: ModelCatalog.Kind
    let path: String
    let isAdded: Bool
    /// The kind of model that an adapter was made for.
    var baseModel: String?
    var triggerWords: [String]?
    var problem: String?

    init(_ entry: ModelCatalog.Entry) {
        (name, kind, path, isAdded) = (entry.name, entry.kind, entry.path, entry.isAdded)
        let url = URL(fileURLWithPath: path)
        let summary: AdapterSummary
        switch kind {
        case .lora: summary = AdapterSummary(lora: url)
        case .embedding: summary = AdapterSummary(embedding: url, name: name)
        default: return
        }
        baseModel = summary.baseModel
        triggerWords = summary.triggerWords
        problem = summary.problem
    }

    /// The embedded model in `folder`.
    init(embedded folder: URL) {
        (name, kind, path, isAdded) = ("embedded", .checkpoint, folder.path, false)
    }

    /// The line for people.
    var text: String {
        var parts = [kind.rawValue, printable(name), printable(path)]
        if let baseModel { parts.append("for \(printable(baseModel))") }
        if let words = triggerWords, !words.isEmpty {
            parts.append("words: " + words.map { printable($0, limit: 60) }.joined(separator: ", "))
        }
        if let problem { parts.append("cannot be used: \(problem)") }
        return parts.joined(separator: "  ")
    }
}
