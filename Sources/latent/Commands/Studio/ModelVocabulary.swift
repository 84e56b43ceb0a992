import Foundation
import Generation
import Settings

/// The words that a small model knows, as the `model.json` in its folder lists them.
enum ModelVocabulary {
    private struct Description: Decodable {
        let words: [String]?
    }

    /// The words of a local request's model and the names of the textual inversions that fit it; nil
    /// where any text means something.
    static func words(of request: GenerationRequest, _ catalog: ModelCatalog) -> Set<String>? {
        guard request.backend == "local", let folder = folder(of: request.model, catalog),
            let data = try? Data(contentsOf: folder.appendingPathComponent("model.json")),
            let words = try? JSONDecoder().decode(Description.self, from: data).words
        else { return nil }
        let names = LocalBackend.embeddings(catalog, model: request.model).keys
        return Set((words + names).map { $0.lowercased() })
    }

    private static func folder(of model: String?, _ catalog: ModelCatalog) -> URL? {
        guard let model else { return LocalBackend.embeddedModel }
        return catalog.resolve(model, kind: .checkpoint)
            ?? URL(fileURLWithPath: (model as NSString).expandingTildeInPath)
    }
}
