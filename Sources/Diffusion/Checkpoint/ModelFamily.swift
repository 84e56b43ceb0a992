/// The kinds of models that share the engine. They differ in their text encoders and in what the
/// UNet is told beside the prompt.
public enum ModelFamily: String, Codable, CaseIterable, Sendable {
    /// One CLIP ViT-L, whose last layer is read after its final normalisation.
    case stableDiffusion1 = "sd1"
    /// One OpenCLIP ViT-H without its last layer.
    case stableDiffusion2 = "sd2"
    /// Two encoders, read at the penultimate layer, and sizes.
    case sdxl
    /// The second encoder alone, sizes and an aesthetic score.
    case sdxlRefiner = "sdxl-refiner"

    /// The name that people use.
    public var title: String {
        switch self {
        case .stableDiffusion1: "Stable Diffusion 1.5"
        case .stableDiffusion2: "Stable Diffusion 2"
        case .sdxl: "SDXL"
        case .sdxlRefiner: "the SDXL refiner"
        }
    }

    /// Whether the UNet is told sizes, and a pooled vector comes with the prompt.
    var readsSizes: Bool { self == .sdxl || self == .sdxlRefiner }

    /// The layer of the encoders that is read unless the request says otherwise, 1 the last.
    var clipSkip: Int { readsSizes ? 2 : 1 }

    /// Whether the encoders' final normalisation applies to the state that is read.
    var normalizesStates: Bool { !readsSizes }
}
