import Diffusion
import EmbeddedModel
import Foundation
import Generation
import Settings

/// The local engine, in the one place where the program meets it.
enum LocalBackend {
    /// The engine with the embedded model and the names of the catalog.
    static func generator(_ catalog: ModelCatalog) -> DiffusionEngine {
        DiffusionEngine(
            embeddedModel: embeddedModel,
            resolve: { catalog.resolve($0) ?? EmbeddedCompanions.resolve($0) },
            known: KnownModels(
                checkpoints: { catalog.places(of: .checkpoint).map(\.url) },
                lora: {
                    catalog.resolve($0, kind: .lora)
                        ?? EmbeddedCompanions.resolve($0, kind: .lora)
                },
                embeddings: { embeddings(catalog, model: $0) },
                safetyCheckers: { catalog.places(of: .safetyChecker).map(\.url) }))
    }

    /// Textual inversions by name: the catalog's, and where `model` is the embedded one those that
    /// ship with it, which fit no other.
    static func embeddings(_ catalog: ModelCatalog, model: String?) -> [String: URL] {
        var places = catalog.places(of: .embedding).map { ($0.name, $0.url) }
        if isEmbedded(model) {
            places += EmbeddedCompanions.entries.filter { $0.kind == .embedding }
                .map { ($0.name, URL(fileURLWithPath: $0.path)) }
        }
        return Dictionary(places) { first, _ in first }
    }

    /// Whether a request's model is the one that ships with the program.
    static func isEmbedded(_ model: String?) -> Bool {
        guard let model else { return true }
        let path = URL(fileURLWithPath: (model as NSString).expandingTildeInPath)
        return path.standardizedFileURL == embeddedModel?.standardizedFileURL
    }

    /// The request with what its prompt names, LoRAs and textual inversions, in fields of their
    /// own, so that the record says which files took part.
    static func naming(
        _ request: GenerationRequest, _ catalog: ModelCatalog
    ) -> GenerationRequest {
        request.movingLoRATags().namingEmbeddings(
            embeddings(catalog, model: request.model))
    }

    /// The folder of the model that ships with the program; nil where it is missing.
    static var embeddedModel: URL? { try? EmbeddedModelFolder.locate() }
}
