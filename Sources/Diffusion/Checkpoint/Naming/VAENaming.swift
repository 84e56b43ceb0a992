/// Translates the original names of an autoencoder into diffusers' names, and old diffusers names
/// of its attention into present ones.
struct VAENaming {
    /// Levels of the decoder, which the original numbers from fine to coarse.
    private let levels: Int
    private static let parts: [(String, String)] = [
        ("mid.block_1.", "mid_block.resnets.0."),
        ("mid.block_2.", "mid_block.resnets.1."),
        ("mid.attn_1.", "mid_block.attentions.0."),
        ("norm_out.", "conv_norm_out."),
    ]
    private static let attentionParts: [(String, String)] = [
        ("norm.", "group_norm."), ("q.", "to_q."), ("k.", "to_k."), ("v.", "to_v."),
        ("proj_out.", "to_out.0."), ("query.", "to_q."), ("key.", "to_k."), ("value.", "to_v."),
        ("proj_attn.", "to_out.0."),
    ]

    /// Reads the number of levels from all names (without `first_stage_model.`).
    init(names: some Sequence<String>) {
        var levels = 0
        for name in names where name.hasPrefix("decoder.up.") {
            let number = Int(name.dropFirst("decoder.up.".count).prefix { $0 != "." }) ?? 0
            levels = max(levels, min(number, 64) + 1)
        }
        self.levels = levels
    }

    /// The name in diffusers; names that are already diffusers' stay.
    func callAsFunction(_ name: String) -> String? {
        for half in ["encoder.", "decoder."] where name.hasPrefix(half) {
            return half + inner(String(name.dropFirst(half.count)))
        }
        if name.hasPrefix("quant_conv.") || name.hasPrefix("post_quant_conv.") { return name }
        return nil
    }

    private func inner(_ name: String) -> String {
        for (original, own) in Self.parts where name.hasPrefix(original) {
            return attention(own + name.dropFirst(original.count))
        }
        for (original, own) in [("down.", "down_blocks."), ("up.", "up_blocks.")]
        where name.hasPrefix(original) {
            let rest = name.dropFirst(original.count)
            guard let number = Int(rest.prefix { $0 != "." }) else { return name }
            let level = own == "up_blocks." ? levels - 1 - number : number
            return own + "\(level)." + block(String(rest.drop { $0 != "." }.dropFirst()))
        }
        return attention(name)
    }

    private func block(_ name: String) -> String {
        var name = name
        if name.hasPrefix("block.") { name = "resnets." + name.dropFirst("block.".count) }
        for (original, own) in [
            ("downsample.", "downsamplers.0."), ("upsample.", "upsamplers.0."),
        ] where name.hasPrefix(original) {
            name = own + name.dropFirst(original.count)
        }
        return name.replacing(".nin_shortcut.", with: ".conv_shortcut.")
    }

    private func attention(_ name: String) -> String {
        let module = "mid_block.attentions.0."
        guard name.hasPrefix(module) else { return name }
        let rest = name.dropFirst(module.count)
        for (original, own) in Self.attentionParts where rest.hasPrefix(original) {
            return module + own + rest.dropFirst(original.count)
        }
        return name
    }

    /// Renames every tensor of `index`; 1x1 convolutions of the attention become matrices.
    static func canonical(_ index: TensorIndex) -> TensorIndex {
        let naming = VAENaming(names: index.names)
        var result = TensorIndex(source: index.source)
        for (name, tensor) in index.tensors {
            guard let newName = naming(name) else { continue }
            let isMatrix = newName.contains(".attentions.") && newName.hasSuffix(".weight")
            result.insert(isMatrix ? tensor.withoutWindow : tensor, as: newName)
        }
        return result
    }
}
