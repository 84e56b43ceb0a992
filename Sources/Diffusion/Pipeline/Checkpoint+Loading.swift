import Tensors

extension Checkpoint.TokenizerSource {
    /// Reads the tokenizer; `padding` is what single files mean for the encoder.
    func load(padding: CLIPTokenizer.Padding) throws -> CLIPTokenizer {
        switch self {
        case .folder(let url): try CLIPTokenizer.load(folder: url)
        case .clip: try CLIPTokenizer.clip(padding: padding)
        }
    }
}

/// A network that can be built from weights.
protocol LoadableNetwork {
    associatedtype Configuration: Sendable
    init(_ configuration: Configuration, _ weights: WeightsScope, compute: Compute) throws
    /// Tensors that may lie beside the network's own without being used.
    static func isOptional(_ name: String) -> Bool
}

extension LoadableNetwork {
    static func isOptional(_ name: String) -> Bool { false }
}

extension UNet2DConditionModel: LoadableNetwork {}
extension CLIPTextEncoder: LoadableNetwork {
    static func isOptional(_ name: String) -> Bool { name == "logit_scale" }
}
extension VAEDecoder: LoadableNetwork {
    static func isOptional(_ name: String) -> Bool {
        name.hasPrefix("encoder.") || name.hasPrefix("quant_conv.")
    }
}
extension VAEEncoder: LoadableNetwork {
    static func isOptional(_ name: String) -> Bool {
        name.hasPrefix("decoder.") || name.hasPrefix("post_quant_conv.")
    }
}

extension Checkpoint.Network {
    /// Compares every tensor's name and shape with what the configuration asks for.
    ///
    /// - Parameter warn: told when the file holds a little that nothing asks for.
    /// - Returns: the number of parameters.
    /// - Throws: ``WeightsError/mismatch(_:)`` with everything that does not fit.
    @discardableResult
    func check<Model: LoadableNetwork>(
        _ type: Model.Type, _ compute: Compute, warn: (String) -> Void = { _ in }
    ) throws -> Int where Model.Configuration == Configuration {
        let reader = WeightsReader(.check(tensors), compute: compute)
        _ = try Model(configuration, reader.scope(), compute: compute)
        if let warning = try reader.finish(ignoring: Model.isOptional) { warn(warning) }
        return reader.parameterCount
    }

    /// The network with LoRAs' changes of its weights.
    func patched(_ patches: [String: [WeightPatch]]) -> Self {
        var network = self
        network.tensors = tensors.patched(patches)
        return network
    }

    /// Builds the network with its weights, after checking them.
    func load<Model: LoadableNetwork>(
        _ compute: Compute, residence: WeightResidence = .prepared
    ) throws -> Model where Model.Configuration == Configuration {
        try loadWithWeights(compute, residence: residence).model
    }

    /// The network, and the weights of its products in the order in which they were made.
    func loadWithWeights<Model: LoadableNetwork>(
        _ compute: Compute, residence: WeightResidence, layers: LayerCache? = nil
    ) throws -> (model: Model, weights: [any PreparedWeights])
    where Model.Configuration == Configuration {
        try check(Model.self, compute)
        let reader = WeightsReader(
            .load(tensors), residence: residence, layers: layers, compute: compute)
        let model = try Model(configuration, reader.scope(), compute: compute)
        try reader.finish()
        return (model, reader.products)
    }
}
