/// A kind of remote backend: the service or the program that answers.
public enum BackendKind: String, Codable, CaseIterable, Sendable {
    case inferencesh, imagepipeline, segmind, octoai, a1111, comfyui, sdserver, openai

    /// The environment variable that holds the key unless the configuration names another way.
    public var keyVariable: String? {
        switch self {
        case .inferencesh: "INFERENCE_API_KEY"
        case .imagepipeline: "IMAGEPIPELINE_API_KEY"
        case .segmind: "SEGMIND_API_KEY"
        case .octoai: "OCTOAI_TOKEN"
        case .a1111: "A1111_AUTH"
        case .openai: "OPENAI_API_KEY"
        case .comfyui, .sdserver: nil
        }
    }
}
