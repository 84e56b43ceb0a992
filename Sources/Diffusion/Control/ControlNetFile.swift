import Foundation

/// A network that follows a control picture, understood, no weight read yet.
enum ControlNetwork: Sendable {
    case net(Checkpoint.Network<ControlNetConfiguration>)
    case adapter(Checkpoint.Network<StructureAdapterConfiguration>)

    /// Its weights.
    var tensors: TensorIndex {
        switch self {
        case .net(let network): network.tensors
        case .adapter(let network): network.tensors
        }
    }

    /// Why the network cannot steer a UNet; nil when it can.
    func misfit(with unet: UNetConfiguration, scale: Int) -> String? {
        switch self {
        case .net(let network): network.configuration.misfit(with: unet, scale: scale)
        case .adapter(let network): network.configuration.misfit(with: unet, scale: scale)
        }
    }
}

/// Opens ControlNets and T2I-Adapters: a diffusers folder, or a single file with diffusers' or a
/// ControlNet's original names.
enum ControlNetFile {
    /// The network at `url`.
    ///
    /// - Throws: ``WeightsError`` that says what it is instead.
    static func open(_ url: URL) throws(WeightsError) -> ControlNetwork {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw .notFound(path: url.path)
        }
        if isFolder.boolValue {
            let file = try ConfigurationFile(url.appendingPathComponent("config.json"))
            if try file.string("_class_name") == "T2IAdapter" {
                let tensors = try WeightFiles.index(of: url).below(adapterPrefix)
                return .adapter(.init(configuration: try .init(file), tensors: tensors))
            }
            return .net(
                .init(
                    configuration: try ControlNetConfiguration(file),
                    tensors: try WeightFiles.index(of: url)))
        }
        let file = try SafetensorsFile(path: url.path)
        if AdapterSummary.kind(of: url) == .lora {
            throw .notAModel(path: url.path, reason: "it is a LoRA, and a ControlNet is needed")
        }
        let index = try TensorIndex(source: url.path, files: [file])
        if ["conv_in.", "body.0.in_conv."].contains(where: {
            index.contains(prefix: adapterPrefix + $0)
        }) {
            let tensors = index.below(adapterPrefix)
            if let beside = ConfigurationFile.beside(url, describing: ["T2IAdapter"]) {
                return .adapter(.init(configuration: try .init(beside), tensors: tensors))
            }
            return .adapter(.init(configuration: try .init(tensors), tensors: tensors))
        }
        let tensors = try canonical(index)
        if let beside = ConfigurationFile.beside(url, describing: ["ControlNetModel"]) {
            return .net(.init(configuration: try .init(beside), tensors: tensors))
        }
        return .net(.init(configuration: try .infer(from: tensors), tensors: tensors))
    }

    /// What stands before a T2I-Adapter's names.
    private static let adapterPrefix = "adapter."

    /// The tensors under diffusers' names.
    private static func canonical(_ index: TensorIndex) throws(WeightsError) -> TensorIndex {
        try refuseRelatives(index)
        let original = index.below("control_model.")
        let named = original.names.isEmpty ? index : original
        guard named.contains(prefix: "input_blocks.") else { return named }
        let naming = UNetNaming(names: named.names)
        return named.renamed { naming($0) ?? Self.outer($0) }
    }

    /// Names that the original network has beside those of the UNet's contracting half.
    private static func outer(_ name: String) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.last, parts.count >= 3 else { return nil }
        switch parts[0] {
        case "zero_convs": return "controlnet_down_blocks.\(parts[1]).\(last)"
        case "middle_block_out": return "controlnet_mid_block.\(last)"
        case "input_hint_block":
            // Convolutions at even places, activations between them.
            guard let place = Int(parts[1]), place % 2 == 0 else { return nil }
            let prefix = "controlnet_cond_embedding."
            if place == 0 { return prefix + "conv_in.\(last)" }
            if place == 14 { return prefix + "conv_out.\(last)" }
            return prefix + "blocks.\(place / 2 - 1).\(last)"
        default: return nil
        }
    }

    private static func refuseRelatives(_ index: TensorIndex) throws(WeightsError) {
        let relatives = [
            ("lllite_", "a ControlNet-LLLite"), ("lora_controlnet", "a Control-LoRA"),
            ("task_embedding", "a ControlNet Union"), ("model.diffusion_model.", "a whole model"),
            ("control_add_embedding", "a ControlNet Union"),
        ]
        for (mark, kind) in relatives where index.names.contains(where: { $0.contains(mark) }) {
            throw .notAModel(
                path: index.source,
                reason: "it is \(kind), and a ControlNet for SDXL is needed")
        }
    }
}

extension ControlNetConfiguration {
    /// Why the network cannot stand beside a UNet; nil when it can.
    func misfit(with unet: UNetConfiguration, scale: Int) -> String? {
        if readsPrompts, encoder.contextWidth != unet.contextWidth {
            return "it reads prompts \(encoder.contextWidth) wide and the model's are "
                + "\(unet.contextWidth)"
        }
        let skips = ControlNetConfiguration.skipChannels(of: unet)
        if Self.skipChannels(of: encoder) != skips {
            return "its levels are not those of the model's UNet"
        }
        if encoder.additionInputWidth != unet.additionInputWidth {
            return "it reads other sizes and pooled prompts than the model's UNet"
        }
        if encoder.inChannels != unet.outChannels {
            return "it reads \(encoder.inChannels) latent channels and the model has "
                + "\(unet.outChannels)"
        }
        if self.scale != scale {
            return "its control picture is \(self.scale) times the latents and the model's VAE "
                + "enlarges \(scale) times"
        }
        return nil
    }
}
