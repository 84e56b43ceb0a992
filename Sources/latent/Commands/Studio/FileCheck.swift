import Diffusion
import Generation
import Images

/// Finds out, before a run, what it would say of the files that a request names.
enum FileCheck {
    /// - Parameter engine: the local engine, which opens what it would compute with; nil: services
    ///   look at the names of their models themselves.
    /// - Throws: `InvalidRequest`, or the engine's error.
    static func run(_ request: GenerationRequest, _ engine: DiffusionEngine?) async throws {
        let isLocal = request.backend == GenerationRequest.localBackend
        var problems: [RequestProblem] = []
        for (field, path) in request.picturePaths where isLocal || !path.isLink {
            do {
                _ = try ImageFile.size(at: path)
            } catch let error as any UserFacingError {
                problems.append(RequestProblem(field: field, value: "", reason: error.summary))
            }
        }
        guard problems.isEmpty else { throw InvalidRequest(problems: problems) }
        if isLocal { _ = try await engine?.rehearse(request) }
    }
}

extension GenerationRequest {
    /// The pictures that the request reads.
    fileprivate var picturePaths: [(RequestField, String)] {
        var paths: [(RequestField, String)] = []
        if let initImage { paths.append((.initImage, initImage)) }
        if let maskImage { paths.append((.maskImage, maskImage)) }
        paths += controls.map { (.controls, $0.image) }
        for prompt in imagePrompts {
            paths.append((.imagePrompts, prompt.image))
            if let mask = prompt.mask { paths.append((.imagePrompts, mask)) }
        }
        return paths
    }
}

extension AdapterSummary {
    /// In one line: `for SDXL; words: film grain, 35mm`.
    var text: String {
        var parts: [String] = []
        if let baseModel { parts.append("for \(printable(baseModel))") }
        if !triggerWords.isEmpty {
            let words = triggerWords.map { printable($0, limit: 60) }
            parts.append("words: " + words.joined(separator: ", "))
        }
        if let problem { parts.append("cannot be used: \(printable(problem))") }
        return parts.joined(separator: "; ")
    }
}
