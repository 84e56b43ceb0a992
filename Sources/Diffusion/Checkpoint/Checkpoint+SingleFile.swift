import Foundation

extension Checkpoint {
    /// Opens a single-file checkpoint: a whole model with the original names, or a UNet alone with
    /// the original or diffusers' names.
    ///
    /// - Parameter companions: where a VAE or encoders come from that the file does not hold.
    static func singleFile(
        _ url: URL, companions: ModelCompanions
    ) throws(WeightsError) -> Checkpoint {
        let file = try SafetensorsFile(path: url.path)
        let index = try TensorIndex(source: url.path, files: [file])
        let parts = try SingleFileParts(index)
        var notes: [String] = []
        var texts = (first: parts.textEncoder, second: parts.textEncoder2)
        if texts.first == nil, texts.second == nil {
            let lender = try companions.encoders(for: parts.unet, in: url)
            texts = (lender.textEncoder, lender.textEncoder2)
            notes.append("the file holds no text encoders; those of \(lender.path) are used")
        }
        var vae = parts.vae
        if vae == nil {
            let lent = try companions.vae(readsSizes: parts.readsSizes, in: url)
            vae = lent.network
            notes.append("the file holds no VAE; that of \(lent.path) is used")
        }
        guard let vae else { throw .notAModel(path: url.path, reason: "it holds no VAE") }
        var checkpoint = Checkpoint(
            path: url.path, unet: parts.unet, textEncoder: texts.first,
            textEncoder2: texts.second, vae: vae)
        checkpoint.notes = notes
        checkpoint.readConventions(index, file.metadata)
        return checkpoint
    }

    /// What the file's kind and its markers say about things that have no tensor.
    private mutating func readConventions(_ index: TensorIndex, _ metadata: [String: String]) {
        forcesZerosForEmptyPrompt = family == .sdxl
        unet.configuration.sampleSize = family.readsSizes ? 128 : 64
        if !family.readsSizes { scheduler = .stableDiffusion1 }
        if family == .stableDiffusion2, index["global_step"]?.integer != 110_000 {
            // As diffusers tells the 768-pixel models, which predict v, from the base ones.
            scheduler.predictionType = "v_prediction"
            unet.configuration.sampleSize = 96
        }
        switch metadata["modelspec.prediction_type"]?.lowercased() {
        case "v"?, "v_prediction"?: scheduler.predictionType = "v_prediction"
        case "epsilon"?: scheduler.predictionType = "epsilon"
        default: break
        }
        // Markers that trainers of v-prediction models put into the file.
        if index["v_pred"] != nil { scheduler.predictionType = "v_prediction" }
        if index["ztsnr"] != nil { scheduler.rescaleBetasZeroSNR = true }
    }
}

/// The networks of a single file, told by tensor names and shapes.
struct SingleFileParts {
    var unet: Checkpoint.Network<UNetConfiguration>
    var textEncoder: Checkpoint.Text?
    var textEncoder2: Checkpoint.Text?
    var vae: Checkpoint.Network<VAEConfiguration>?
    /// Whether the UNet is told sizes, as SDXL's is.
    var readsSizes: Bool { unet.configuration.additionInputWidth != nil }

    private static let unetPrefixes = ["model.diffusion_model.", "diffusion_model.", ""]
    private static let vaePrefix = "first_stage_model."
    private static let sdxlPrefix = "conditioner.embedders.0.transformer."
    private static let sdxl2Prefix = "conditioner.embedders.1.model."
    private static let refinerPrefix = "conditioner.embedders.0.model."
    private static let sd1Prefix = "cond_stage_model.transformer."
    private static let sd2Prefix = "cond_stage_model.model."

    init(_ index: TensorIndex) throws(WeightsError) {
        unet = try Self.unet(index)
        if index.contains(prefix: Self.vaePrefix + "decoder.") {
            let tensors = VAENaming.canonical(index.below(Self.vaePrefix))
            vae = .init(configuration: try .infer(from: tensors), tensors: tensors)
            if unet.configuration.additionInputWidth == nil {
                vae?.configuration.scalingFactor = VAEConfiguration.stableDiffusionScaling
            }
        }
        for prefix in [Self.sdxlPrefix, Self.sd1Prefix] where textEncoder == nil {
            textEncoder = try Self.text(index, prefix, .quickGELU)
        }
        if textEncoder == nil, let text = try Self.text(index, Self.sd2Prefix, .gelu) {
            textEncoder = Self.withoutLastLayer(text)
        }
        for prefix in [Self.sdxl2Prefix, Self.refinerPrefix] where textEncoder2 == nil {
            textEncoder2 = try Self.text(index, prefix, .gelu)
        }
        if textEncoder != nil, readsSizes, textEncoder2 == nil {
            throw .notAModel(path: index.source, reason: "it holds no second text encoder")
        }
    }

    private static func unet(
        _ index: TensorIndex
    ) throws(WeightsError) -> Checkpoint.Network<UNetConfiguration> {
        for prefix in unetPrefixes {
            if index.names.contains(prefix + "input_blocks.0.0.weight") {
                let original = prefix.isEmpty ? index : index.below(prefix)
                let naming = UNetNaming(names: original.names)
                // What has no name in diffusers stays, and is told as surplus.
                let tensors = original.renamed { naming($0) ?? $0 }
                return .init(configuration: try .infer(from: tensors), tensors: tensors)
            }
            if index.names.contains(prefix + "conv_in.weight"),
                index.names.contains(prefix + "time_embedding.linear_1.weight")
            {
                let tensors = prefix.isEmpty ? index : index.below(prefix)
                return .init(configuration: try .infer(from: tensors), tensors: tensors)
            }
        }
        throw .notAModel(path: index.source, reason: whatElse(index))
    }

    /// What a file without a UNet is.
    private static func whatElse(_ index: TensorIndex) -> String {
        if index.contains(prefix: "conditioner.") || index.contains(prefix: vaePrefix)
            || index.contains(prefix: "cond_stage_model.")
        {
            return "it holds no UNet"
        }
        let marks = ["lora", "hada_", "lokr_"]
        if index.names.contains(where: { name in marks.contains { name.contains($0) } }) {
            return "it is a LoRA, not a whole model; use it with --lora"
        }
        if index["emb_params"] != nil || index["clip_g"] != nil || index["clip_l"] != nil {
            return "it is a textual inversion, not a whole model; use it with --embedding"
        }
        let others = ["double_blocks.", "joint_blocks.", "transformer_blocks.0.attn.add_q_proj"]
        if index.names.contains(where: { name in others.contains { name.contains($0) } }) {
            return "it is a transformer of another kind, not a Stable Diffusion UNet"
        }
        return "its \(index.names.count) tensors are not those of an SDXL checkpoint"
    }

    private static func text(
        _ index: TensorIndex, _ prefix: String, _ activation: CLIPTextConfiguration.Activation
    ) throws(WeightsError) -> Checkpoint.Text? {
        guard index.contains(prefix: prefix) else { return nil }
        let canonical = CLIPNaming.canonical(index.below(prefix))
        let configuration = try CLIPTextConfiguration.infer(
            from: canonical, activation: activation)
        return .init(
            network: .init(configuration: configuration, tensors: canonical), tokenizer: .clip)
    }

    /// Stable Diffusion 2 reads the layer before the last; published folders leave the last out.
    /// The projection is not used either.
    private static func withoutLastLayer(_ text: Checkpoint.Text) -> Checkpoint.Text {
        var text = text
        let last = text.network.configuration.layers - 1
        text.network.configuration.layers = last
        text.network.configuration.projectionSize = nil
        text.network.tensors = text.network.tensors.renamed { name in
            name.hasPrefix("encoder.layers.\(last).") || name == "text_projection.weight"
                ? nil : name
        }
        return text
    }
}
