import Foundation
import Generation
import Settings

/// The small model that ships with the program: a diffusers folder that the ordinary loader reads.
///
/// `Training/` holds the code that made it, `Model/` the folder itself, `Companions/` what goes with it.
public enum EmbeddedModelFolder {
    /// The model's folder.
    ///
    /// - Throws: ``EmbeddedModelMissing`` when it was not installed with the program.
    public static func locate() throws(EmbeddedModelMissing) -> URL {
        guard
            let index = ResourceLocator(target: "EmbeddedModel").url(for: "Model/model_index.json")
        else { throw EmbeddedModelMissing() }
        return index.deletingLastPathComponent()
    }

    /// The folder of what was trained for the model: LoRAs, an embedding, a ControlNet; its README says what each is.
    ///
    /// - Throws: ``EmbeddedModelMissing`` when it was not installed with the program.
    public static func locateCompanions() throws(EmbeddedModelMissing) -> URL {
        guard let about = ResourceLocator(target: "EmbeddedModel").url(for: "Companions/README.md")
        else { throw EmbeddedModelMissing() }
        return about.deletingLastPathComponent()
    }
}

/// The embedded model's files are not where the program looks for them.
public struct EmbeddedModelMissing: UserFacingError, Hashable {
    public let summary = "The embedded model was not found beside the program"
    public let hint: String? =
        "keep the folder latent_EmbeddedModel.resources beside the binary, or name a model with "
        + "--model"
}
