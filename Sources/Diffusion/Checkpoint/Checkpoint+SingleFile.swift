import Foundation

extension Checkpoint {
    private static let unetPrefix = "model.diffusion_model."
    private static let vaePrefix = "first_stage_model."
    private static let textPrefix = "conditioner.embedders.0.transformer."
    private static let text2Prefix = "conditioner.embedders.1.model."

    /// Opens a single-file checkpoint with the original names.
    static func singleFile(_ url: URL) throws(WeightsError) -> Checkpoint {
        let file = try SafetensorsFile(path: url.path)
        let index = try TensorIndex(source: url.path, files: [file])
        try checkContents(index)
        let original = index.below(unetPrefix)
        let naming = UNetNaming(names: original.names)
        let unet = original.renamed { naming($0) }
        let vae = VAENaming.canonical(index.below(vaePrefix))
        var checkpoint = Checkpoint(
            path: url.path,
            unet: Network(configuration: try .infer(from: unet), tensors: unet),
            textEncoder: try text(index.below(textPrefix), activation: .quickGELU),
            textEncoder2: try text(index.below(text2Prefix), activation: .gelu),
            vae: Network(configuration: try .infer(from: vae), tensors: vae))
        // Markers that trainers of v-prediction models put into the file.
        if index["v_pred"] != nil { checkpoint.scheduler.predictionType = "v_prediction" }
        if index["ztsnr"] != nil { checkpoint.scheduler.rescaleBetasZeroSNR = true }
        return checkpoint
    }

    private static func text(
        _ index: TensorIndex, activation: CLIPTextConfiguration.Activation
    ) throws(WeightsError) -> Text {
        let canonical = CLIPNaming.canonical(index)
        let configuration = try CLIPTextConfiguration.infer(
            from: canonical, activation: activation)
        return Text(
            network: Network(configuration: configuration, tensors: canonical), tokenizer: .clip)
    }

    /// Says what the file is when it is not an SDXL checkpoint.
    private static func checkContents(_ index: TensorIndex) throws(WeightsError) {
        let needed = [
            (unetPrefix, "UNet"), (textPrefix, "first text encoder"),
            (text2Prefix, "second text encoder"), (vaePrefix, "VAE"),
        ]
        let missing = needed.filter { !index.contains(prefix: $0.0) }.map(\.1)
        guard !missing.isEmpty else { return }
        func fail(_ reason: String) -> WeightsError {
            .notAModel(path: index.source, reason: reason)
        }
        if missing.count < needed.count {
            if index.contains(prefix: "cond_stage_model.") {
                throw fail("it is a Stable Diffusion 1 or 2 checkpoint, which is not supported yet")
            }
            if index.contains(prefix: "conditioner.embedders.0.model.") {
                throw fail("it is an SDXL refiner, which is not supported yet")
            }
            throw fail("it holds no " + missing.joined(separator: ", no "))
        }
        if index.names.contains(where: { $0.contains("lora") }) {
            throw fail("it is a LoRA, not a whole model")
        }
        throw fail("its \(index.names.count) tensors are not those of an SDXL checkpoint")
    }
}
