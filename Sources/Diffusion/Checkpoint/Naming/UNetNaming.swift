/// Translates the original (latent-diffusion) names of a UNet into diffusers' names.
///
/// The original numbers all blocks of a path in one row (`input_blocks.7.1...`); which level a
/// number belongs to follows from where down- and upsampling convolutions stand.
struct UNetNaming {
    /// What one module of the original row is.
    private enum Module {
        case resnet, attention, downsample, upsample
    }

    private var prefixes: [String: String] = [
        "time_embed.0.": "time_embedding.linear_1.",
        "time_embed.2.": "time_embedding.linear_2.",
        "label_emb.0.0.": "add_embedding.linear_1.",
        "label_emb.0.2.": "add_embedding.linear_2.",
        "input_blocks.0.0.": "conv_in.",
        "out.0.": "conv_norm_out.",
        "out.2.": "conv_out.",
    ]
    private static let resnetParts = [
        "in_layers.0.": "norm1.", "in_layers.2.": "conv1.", "emb_layers.1.": "time_emb_proj.",
        "out_layers.0.": "norm2.", "out_layers.3.": "conv2.", "skip_connection.": "conv_shortcut.",
    ]

    /// Reads the layout from all names of a network (without `model.diffusion_model.`).
    init(names: some Sequence<String>) {
        var modules: [String: Module] = [:]
        for name in names {
            guard let prefix = Self.modulePrefix(of: name) else { continue }
            modules[prefix] = Self.kind(of: name.dropFirst(prefix.count), in: prefix)
        }
        addDownPath(modules)
        addMiddle(modules)
        addUpPath(modules)
    }

    /// The name in diffusers, nil for tensors that are not part of the network.
    func callAsFunction(_ name: String) -> String? {
        if name.hasPrefix("time_embed.cond_proj.") {
            return "time_embedding.cond_proj." + name.dropFirst("time_embed.cond_proj.".count)
        }
        for depth in [3, 2] {
            let parts = name.split(
                separator: ".", maxSplits: depth, omittingEmptySubsequences: false)
            guard parts.count == depth + 1 else { continue }
            let prefix = parts.prefix(depth).joined(separator: ".") + "."
            if let replacement = prefixes[prefix] {
                return replacement + Self.inner(String(parts[depth]), replacement)
            }
        }
        return nil
    }

    private mutating func addDownPath(_ modules: [String: Module]) {
        var (level, layer) = (0, 0)
        var number = 1
        while let first = modules["input_blocks.\(number).0."] {
            let block = "input_blocks.\(number)."
            if first == .downsample {
                prefixes[block + "0."] = "down_blocks.\(level).downsamplers.0."
                (level, layer) = (level + 1, 0)
            } else {
                prefixes[block + "0."] = "down_blocks.\(level).resnets.\(layer)."
                if modules[block + "1."] == .attention {
                    prefixes[block + "1."] = "down_blocks.\(level).attentions.\(layer)."
                }
                layer += 1
            }
            number += 1
        }
    }

    private mutating func addMiddle(_ modules: [String: Module]) {
        var (resnets, attentions, number) = (0, 0, 0)
        while let kind = modules["middle_block.\(number)."] {
            if kind == .attention {
                prefixes["middle_block.\(number)."] = "mid_block.attentions.\(attentions)."
                attentions += 1
            } else {
                prefixes["middle_block.\(number)."] = "mid_block.resnets.\(resnets)."
                resnets += 1
            }
            number += 1
        }
    }

    private mutating func addUpPath(_ modules: [String: Module]) {
        var (level, layer, number) = (0, 0, 0)
        while modules["output_blocks.\(number).0."] != nil {
            let block = "output_blocks.\(number)."
            prefixes[block + "0."] = "up_blocks.\(level).resnets.\(layer)."
            var ends = false
            for part in 1...2 {
                switch modules[block + "\(part)."] {
                case .attention:
                    prefixes[block + "\(part)."] = "up_blocks.\(level).attentions.\(layer)."
                case .upsample:
                    prefixes[block + "\(part)."] = "up_blocks.\(level).upsamplers.0."
                    ends = true
                default: break
                }
            }
            (level, layer) = ends ? (level + 1, 0) : (level, layer + 1)
            number += 1
        }
    }

    /// `input_blocks.7.1.` of `input_blocks.7.1.norm.weight`.
    private static func modulePrefix(of name: String) -> String? {
        let depth = name.hasPrefix("middle_block.") ? 2 : 3
        guard depth == 2 || name.hasPrefix("input_blocks.") || name.hasPrefix("output_blocks.")
        else { return nil }
        let parts = name.split(separator: ".", maxSplits: depth, omittingEmptySubsequences: false)
        guard parts.count == depth + 1 else { return nil }
        return parts.prefix(depth).joined(separator: ".") + "."
    }

    private static func kind(of inner: Substring, in prefix: String) -> Module {
        if inner.hasPrefix("op.") { return .downsample }
        if inner.hasPrefix("conv.") { return .upsample }
        if inner.hasPrefix("transformer_blocks.") || inner.hasPrefix("proj_")
            || inner.hasPrefix("norm.")
        {
            return .attention
        }
        return .resnet
    }

    private static func inner(_ name: String, _ module: String) -> String {
        if module.contains(".resnets.") {
            for (original, own) in resnetParts where name.hasPrefix(original) {
                return own + name.dropFirst(original.count)
            }
        }
        if module.contains(".downsamplers."), name.hasPrefix("op.") {
            return "conv." + name.dropFirst("op.".count)
        }
        return name
    }
}
