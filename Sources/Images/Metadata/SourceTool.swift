/// The program that wrote a picture's metadata.
public enum SourceTool: String, Codable, CaseIterable, Sendable {
    case latent
    case a1111
    case forge
    case sdNext = "sd-next"
    case comfyUI = "comfyui"
    case fooocus
    case swarmUI = "swarmui"
    case invokeAI = "invokeai"
    case stableDiffusionCpp = "stable-diffusion.cpp"
    case drawThings = "draw-things"
    case novelAI = "novelai"

    /// The name that people know.
    public var title: String {
        switch self {
        case .latent: "Latent"
        case .a1111: "AUTOMATIC1111 web UI"
        case .forge: "Forge"
        case .sdNext: "SD.Next"
        case .comfyUI: "ComfyUI"
        case .fooocus: "Fooocus"
        case .swarmUI: "SwarmUI"
        case .invokeAI: "InvokeAI"
        case .stableDiffusionCpp: "stable-diffusion.cpp"
        case .drawThings: "Draw Things"
        case .novelAI: "NovelAI"
        }
    }
}
