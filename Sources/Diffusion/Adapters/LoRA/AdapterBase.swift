import Foundation
import Tensors

/// The kind of model that a LoRA was made for, by its tensors first and its header second.
struct AdapterBase {
    /// The family's name as ``ModelFamily/title`` has it, or that of a model this engine does not
    /// run; nil when nothing tells.
    let title: String?

    init(_ file: AdapterFile) {
        title = Self.byTensors(file) ?? Self.byMetadata(file.metadata)
    }

    /// Widths that the cross-attention of published models reads.
    private static let widths: [Int: ModelFamily] = [
        768: .stableDiffusion1, 1024: .stableDiffusion2, 2048: .sdxl, 1280: .sdxlRefiner,
    ]

    private static func byTensors(_ file: AdapterFile) -> String? {
        for (name, module) in file.modules {
            let spelling = name.replacing(".", with: "_")
            if spelling.contains("double_blocks") || spelling.contains("single_transformer_blocks")
            {
                return "Flux"
            }
            if spelling.contains("joint_blocks") { return "Stable Diffusion 3" }
            guard spelling.hasSuffix("attn2_to_k") || spelling.hasSuffix("attn2_to_v") else {
                continue
            }
            if let width = inputWidth(module), let family = widths[width] { return family.title }
        }
        return nil
    }

    private static func inputWidth(_ module: AdapterFile.Module) -> Int? {
        if let matrix = module.tensors[.down] ?? module.tensors[.hadamard1B]
            ?? module.tensors[.weightDifference]
        {
            return matrix.shape.count > 1 ? matrix.shape[1] : nil
        }
        guard let first = module.tensors[.kronecker1] ?? module.tensors[.kronecker1B],
            let second = module.tensors[.kronecker2] ?? module.tensors[.kronecker2B],
            first.shape.count > 1, second.shape.count > 1
        else { return nil }
        return first.shape[1] * second.shape[1]
    }

    static func byMetadata(_ metadata: [String: String]) -> String? {
        let text = (metadata["modelspec.architecture"] ?? metadata["ss_base_model_version"] ?? "")
            .lowercased()
        if text.contains("refiner") { return ModelFamily.sdxlRefiner.title }
        if text.contains("xl") { return ModelFamily.sdxl.title }
        if text.contains("diffusion-v2") || text.hasPrefix("sd_v2") {
            return ModelFamily.stableDiffusion2.title
        }
        if text.contains("diffusion-v1") || text.hasPrefix("sd_v1") || text.hasPrefix("sd1") {
            return ModelFamily.stableDiffusion1.title
        }
        if text.contains("flux") { return "Flux" }
        if text.contains("stable-diffusion-3") || text.hasPrefix("sd3") {
            return "Stable Diffusion 3"
        }
        return nil
    }
}
