/// The network of a checkpoint that a tensor belongs to.
enum AdapterNetwork: Hashable, Sendable, CaseIterable {
    case unet, textEncoder, textEncoder2
}

/// A module that a LoRA changes, under its canonical name.
struct AdapterTarget: Hashable, Sendable {
    let network: AdapterNetwork
    /// Without `.weight` or `.bias`.
    let module: String
}

/// Finds the module that any trainer's name means, for one checkpoint.
///
/// kohya joins names with underscores, which cannot be undone; so all modules of the checkpoint
/// are spelt in every known way, and names are looked up.
struct AdapterTargets: Sendable {
    private var modules: [AdapterNetwork: [String: String]] = [:]
    private let family: ModelFamily

    /// What stands before the module's own name, with underscores for dots; longer ones first.
    private static let prefixes: [(String, AdapterNetwork)] = [
        ("text_encoders_clip_l_transformer_", .textEncoder),
        ("text_encoders_clip_g_transformer_", .textEncoder2),
        ("conditioner_embedders_0_transformer_", .textEncoder),
        ("lora_unet_", .unet), ("lora_te1_", .textEncoder), ("lora_te2_", .textEncoder2),
        ("lora_te_", .textEncoder), ("text_encoder_2_", .textEncoder2),
        ("text_encoder_", .textEncoder), ("te1_", .textEncoder), ("te2_", .textEncoder2),
        ("model_diffusion_model_", .unet), ("diffusion_model_", .unet), ("unet_", .unet),
        ("lycoris_", .unet), ("", .unet),
    ]

    init(_ checkpoint: Checkpoint) {
        family = checkpoint.family
        let original = OriginalUNetNames(checkpoint.unet.configuration)
        modules[.unet] = Self.spellings(checkpoint.unet.tensors) { module in
            original.original(module).map { [$0] } ?? []
        }
        for (network, text) in [
            (AdapterNetwork.textEncoder, checkpoint.textEncoder),
            (.textEncoder2, checkpoint.textEncoder2),
        ] {
            guard let text else { continue }
            modules[network] = Self.spellings(text.network.tensors, others: Self.textSpellings)
        }
    }

    /// The module that `name` means, nil when the checkpoint has none.
    func find(_ name: String) -> AdapterTarget? {
        let spelling = name.replacing(".", with: "_")
        for (prefix, network) in Self.prefixes where spelling.hasPrefix(prefix) {
            let rest = String(spelling.dropFirst(prefix.count))
            if let module = modules[network]?[rest] {
                return AdapterTarget(network: network, module: module)
            }
        }
        return nil
    }

    /// Other names of a text encoder's module: with the prefix that it once had, and diffusers'
    /// before it used peft, which called projections as a UNet does.
    private static func textSpellings(_ module: String) -> [String] {
        var names = [module]
        for letter in ["q", "k", "v", "out"] where module.hasSuffix(".\(letter)_proj") {
            names.append(module.dropLast(letter.count + 5) + "to_\(letter)")
        }
        return names.dropFirst() + names.map { "text_model." + $0 }
    }

    /// Canonical modules by their spellings with underscores.
    private static func spellings(
        _ index: TensorIndex, others: (String) -> [String]
    ) -> [String: String] {
        var result: [String: String] = [:]
        for name in index.names {
            guard let dot = name.lastIndex(of: ".") else { continue }
            let module = String(name[..<dot])
            for spelling in [module] + others(module) {
                result[spelling.replacing(".", with: "_")] = module
                if spelling.hasSuffix("to_out.0") {
                    // Names from before the output layer was a list.
                    result[String(spelling.dropLast(2)).replacing(".", with: "_")] = module
                }
            }
        }
        return result
    }
}
