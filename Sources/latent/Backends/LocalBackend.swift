import Diffusion
import EmbeddedModel
import Foundation
import Generation
import Settings

/// The local engine, in the one place where the program meets it.
enum LocalBackend {
    /// The engine with the embedded model and the names of the catalog.
    static func generator(_ catalog: ModelCatalog) -> DiffusionEngine {
        DiffusionEngine(embeddedModel: embeddedModel) { catalog.resolve($0) }
    }

    /// The folder of the model that ships with the program; nil where it is missing.
    static var embeddedModel: URL? { try? EmbeddedModelFolder.locate() }
}
