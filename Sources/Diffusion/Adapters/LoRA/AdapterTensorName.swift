/// What one tensor of a LoRA file is for its module.
enum AdapterRole: String, Hashable, Sendable {
    case up, down, middle, alpha, upBias
    case decomposedScale, magnitude
    case hadamard1A, hadamard1B, hadamard2A, hadamard2B, hadamard1Core, hadamard2Core
    case kronecker1, kronecker1A, kronecker1B, kronecker2, kronecker2A, kronecker2B
    case kronecker2Core
    case weightDifference, biasDifference
    case inputFlag, scale, peftScale
    case glora1, glora2, glora3, glora4
}

/// A tensor's name taken apart: which module it changes, and as what.
///
/// Every trainer has its own endings: kohya's `.lora_up.weight`, peft's `.lora_B.weight`, the old
/// diffusers' `.lora.up.weight` and `.processor.to_q_lora.up.weight`, and LyCORIS' own.
struct AdapterTensorName: Hashable, Sendable {
    /// The module as the file spells it, without outer wrappers.
    let module: String
    let role: AdapterRole

    private static let endings: [(String, AdapterRole)] = [
        (".lora_up.weight", .up), (".lora_down.weight", .down), (".lora_mid.weight", .middle),
        (".lora_B.weight", .up), (".lora_A.weight", .down), (".lora_B.bias", .upBias),
        (".lora_B.default.weight", .up), (".lora_A.default.weight", .down),
        (".lora_B.default.bias", .upBias), (".lora_up.bias", .upBias),
        (".lora.up.weight", .up), (".lora.down.weight", .down),
        (".lora_linear_layer.up.weight", .up), (".lora_linear_layer.down.weight", .down),
        ("_lora.up.weight", .up), ("_lora.down.weight", .down),
        (".alpha", .alpha), (".dora_scale", .decomposedScale),
        (".lora_magnitude_vector", .magnitude), (".lora_magnitude_vector.weight", .magnitude),
        (".lora_magnitude_vector.default.weight", .magnitude),
        (".hada_w1_a", .hadamard1A), (".hada_w1_b", .hadamard1B), (".hada_w2_a", .hadamard2A),
        (".hada_w2_b", .hadamard2B), (".hada_t1", .hadamard1Core), (".hada_t2", .hadamard2Core),
        (".lokr_w1", .kronecker1), (".lokr_w1_a", .kronecker1A), (".lokr_w1_b", .kronecker1B),
        (".lokr_w2", .kronecker2), (".lokr_w2_a", .kronecker2A), (".lokr_w2_b", .kronecker2B),
        (".lokr_t2", .kronecker2Core),
        (".diff", .weightDifference), (".diff_b", .biasDifference),
        (".w_norm", .weightDifference), (".b_norm", .biasDifference),
        (".on_input", .inputFlag), (".ia3_l", .peftScale),
        (".a1.weight", .glora1), (".a2.weight", .glora2), (".b1.weight", .glora3),
        (".b2.weight", .glora4),
        // LyCORIS' IA3 has no better name; every other ending comes first.
        (".weight", .scale),
    ]
    private static let wrappers = ["base_model.model.", "module."]

    /// Whether a tensor's name says that it changes a bias.
    static func isOfBias(_ name: String) -> Bool {
        let role = endings.first { name.hasSuffix($0.0) }?.1
        return role == .upBias || role == .biasDifference
    }

    /// Nil when the ending is none that is known.
    init?(_ name: String) {
        guard let (ending, role) = Self.endings.first(where: { name.hasSuffix($0.0) }) else {
            return nil
        }
        var module = String(name.dropLast(ending.count))
        for wrapper in Self.wrappers where module.hasPrefix(wrapper) {
            module = String(module.dropFirst(wrapper.count))
        }
        self.module = module.replacing(".processor.", with: ".")
            .replacing(".base_layer", with: "")
        self.role = role
    }
}
