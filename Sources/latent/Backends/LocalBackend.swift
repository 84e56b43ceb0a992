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
                embeddings: { embeddings(catalog) }))
    }

    /// Textual inversions by name. Those of the embedded model fit no other, so they are no words
    /// unless `--embedding` says so.
    static func embeddings(_ catalog: ModelCatalog) -> [String: URL] {
        let places = catalog.places(of: .embedding).map { ($0.name, $0.url) }
        return Dictionary(places) { first, _ in first }
    }

    /// The request with what its prompt names, LoRAs and textual inversions, in fields of their
    /// own, so that the record says which files took part.
    static func naming(
        _ request: GenerationRequest, _ catalog: ModelCatalog
    ) -> GenerationRequest {
        request.movingLoRATags().namingEmbeddings(embeddings(catalog))
    }

    /// The folder of the model that ships with the program; nil where it is missing.
    static var embeddedModel: URL? { try? EmbeddedModelFolder.locate() }
}
