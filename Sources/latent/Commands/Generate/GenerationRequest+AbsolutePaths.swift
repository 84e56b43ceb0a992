import Foundation
import Generation

extension GenerationRequest {
    /// The request with absolute paths, so that its record means the same in every folder.
    ///
    /// Only texts that lead to a file or folder change. What names a model may also be a name: of
    /// the catalog, which stays, or of a remote service, whose names have nothing to do with files
    /// here.
    func withAbsolutePaths() -> GenerationRequest {
        var request = self
        request.initImage = initImage.map(Self.absolute)
        request.maskImage = maskImage.map(Self.absolute)
        for index in controls.indices {
            request.controls[index].image = Self.absolute(controls[index].image)
        }
        for index in imagePrompts.indices {
            request.imagePrompts[index].image = Self.absolute(imagePrompts[index].image)
            request.imagePrompts[index].mask = imagePrompts[index].mask.map(Self.absolute)
        }
        guard ["local", "fake"].contains(backend) else {
            // What says that it is a file of this folder is one.
            for index in loras.indices where loras[index].name.hasPrefix(".") {
                request.loras[index].name = Self.absolute(loras[index].name)
            }
            return request
        }
        request.model = model.map(Self.absolute)
        request.vae = vae.map(Self.absolute)
        request.refiner = refiner.map(Self.absolute)
        request.safetyChecker = safetyChecker.map(Self.absolute)
        for index in loras.indices {
            request.loras[index].name = Self.absolute(loras[index].name)
        }
        for index in embeddings.indices {
            request.embeddings[index].path = Self.absolute(embeddings[index].path)
        }
        for index in controls.indices {
            request.controls[index].model = Self.absolute(controls[index].model)
        }
        for index in imagePrompts.indices {
            request.imagePrompts[index].model = Self.absolute(imagePrompts[index].model)
        }
        return request
    }

    private static func absolute(_ path: String) -> String {
        guard !path.isEmpty, !path.hasPrefix("/"), !path.isLink,
            FileManager.default.fileExists(atPath: path)
        else { return path }
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
