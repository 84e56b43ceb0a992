/// Brings a CLIP text encoder's tensors under transformers' names without `text_model.`.
///
/// transformers 4 writes the prefix, transformers 5 does not; OpenCLIP has names of its own, one
/// matrix for queries, keys and values, and its projection transposed.
enum CLIPNaming {
    /// The index under canonical names, whichever of the three conventions it follows.
    static func canonical(_ index: TensorIndex) -> TensorIndex {
        if index.contains(prefix: "transformer.resblocks.") { return openCLIP(index) }
        return index.renamed { name in
            var name = name[...]
            if name.hasPrefix("text_model.") { name = name.dropFirst("text_model.".count) }
            return isBookkeeping(name) ? nil : String(name)
        }
    }

    private static func isBookkeeping(_ name: Substring) -> Bool {
        name == "embeddings.position_ids" || name == "logit_scale"
            || name.hasPrefix("vision_model.") || name.hasPrefix("visual_projection.")
    }

    private static let outerNames = [
        "token_embedding.weight": "embeddings.token_embedding.weight",
        "positional_embedding": "embeddings.position_embedding.weight",
        "ln_final.weight": "final_layer_norm.weight",
        "ln_final.bias": "final_layer_norm.bias",
    ]
    private static let layerParts: [(String, String)] = [
        ("ln_1.", "layer_norm1."), ("ln_2.", "layer_norm2."),
        ("attn.out_proj.", "self_attn.out_proj."),
        ("mlp.c_fc.", "mlp.fc1."), ("mlp.c_proj.", "mlp.fc2."),
    ]

    private static func openCLIP(_ index: TensorIndex) -> TensorIndex {
        var result = TensorIndex(source: index.source)
        for (name, tensor) in index.tensors {
            if let own = outerNames[name] {
                result.insert(tensor, as: own)
            } else if name == "text_projection" {
                result.insert(tensor.transposed, as: "text_projection.weight")
            } else if name == "text_projection.weight" {
                result.insert(tensor, as: name)
            } else if name.hasPrefix("transformer.resblocks.") {
                insertLayerTensor(
                    tensor, String(name.dropFirst("transformer.resblocks.".count)), into: &result)
            }
        }
        return result
    }

    private static func insertLayerTensor(
        _ tensor: CheckpointTensor, _ name: String, into result: inout TensorIndex
    ) {
        let number = name.prefix { $0 != "." }
        let rest = name.dropFirst(number.count + 1)
        let layer = "encoder.layers.\(number)."
        if rest == "attn.in_proj_weight" || rest == "attn.in_proj_bias" {
            let kind = rest.hasSuffix("weight") ? "weight" : "bias"
            for (part, letter) in ["q", "k", "v"].enumerated() {
                if let piece = tensor.part(part, of: 3) {
                    result.insert(piece, as: layer + "self_attn.\(letter)_proj.\(kind)")
                }
            }
            return
        }
        for (original, own) in layerParts where rest.hasPrefix(original) {
            result.insert(tensor, as: layer + own + rest.dropFirst(original.count))
            return
        }
        result.insert(tensor, as: layer + rest)
    }
}
