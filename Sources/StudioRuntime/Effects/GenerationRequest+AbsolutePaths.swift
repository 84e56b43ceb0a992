import Foundation
import Generation

extension GenerationRequest {
    /// The request with the paths of its pictures and embeddings made absolute, so that it can run
    /// again from another folder; `~` is the home.
    func withAbsolutePaths(in folder: URL) -> GenerationRequest {
        func absolute(_ path: String) -> String {
            // An address of the web is for the service.
            guard !path.contains("://") else { return path }
            let expanded = (path as NSString).expandingTildeInPath
            return URL(fileURLWithPath: expanded, relativeTo: folder).standardizedFileURL.path
        }
        var request = self
        request.initImage = initImage.map(absolute)
        request.maskImage = maskImage.map(absolute)
        for index in controls.indices {
            request.controls[index].image = absolute(controls[index].image)
        }
        for index in imagePrompts.indices {
            request.imagePrompts[index].image = absolute(imagePrompts[index].image)
            request.imagePrompts[index].mask = imagePrompts[index].mask.map(absolute)
        }
        for index in embeddings.indices {
            request.embeddings[index].path = absolute(embeddings[index].path)
        }
        return request
    }
}
