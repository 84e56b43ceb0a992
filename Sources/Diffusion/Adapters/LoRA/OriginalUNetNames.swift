/// The original (latent-diffusion) names of a UNet's modules, from the layout: the reverse of
/// ``UNetNaming``.
struct OriginalUNetNames {
    private var prefixes: [String: String] = [
        "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
        "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
        "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
        "mid_block.resnets.0": "middle_block.0", "mid_block.attentions.0": "middle_block.1",
        "mid_block.resnets.1": "middle_block.2",
    ]
    private static let resnetParts = [
        "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
        "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
    ]

    init(_ configuration: UNetConfiguration) {
        var number = 1
        for (level, block) in configuration.down.enumerated() {
            for layer in 0..<block.layers {
                add("down_blocks.\(level)", layer, "input_blocks.\(number)")
                number += 1
            }
            prefixes["down_blocks.\(level).downsamplers.0.conv"] = "input_blocks.\(number).0.op"
            number += 1
        }
        number = 0
        for (level, block) in configuration.up.enumerated() {
            for layer in 0..<block.layers {
                add("up_blocks.\(level)", layer, "output_blocks.\(number)")
                if layer == block.layers - 1 {
                    let place = block.transformerDepths == nil ? 1 : 2
                    prefixes["up_blocks.\(level).upsamplers.0"] =
                        "output_blocks.\(number).\(place)"
                }
                number += 1
            }
        }
    }

    private mutating func add(_ block: String, _ layer: Int, _ original: String) {
        prefixes["\(block).resnets.\(layer)"] = original + ".0"
        prefixes["\(block).attentions.\(layer)"] = original + ".1"
    }

    /// The original name of a module, nil when the layout has none.
    func original(_ module: String) -> String? {
        var prefix = module[...]
        while true {
            if let found = prefixes[String(prefix)] {
                let rest = module.dropFirst(prefix.count)
                guard prefix.contains(".resnets."),
                    let part = Self.resnetParts[String(rest.dropFirst())]
                else { return found + rest }
                return found + "." + part
            }
            guard let dot = prefix.lastIndex(of: ".") else { return nil }
            prefix = prefix[..<dot]
        }
    }
}
