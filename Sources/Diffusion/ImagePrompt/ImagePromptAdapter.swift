import Generation
import Tensors

/// An IP-Adapter: lets a picture prompt beside the text, by keys and values of its own in every
/// cross-attention (Ye et al. 2023, https://arxiv.org/abs/2308.06721).
///
/// Ports diffusers 0.42 `loaders/ip_adapter.py` and its attention processors.
final class ImagePromptAdapter: LoadableNetwork {
    let configuration: ImagePromptConfiguration
    private let compute: Compute
    private let tokens: any PictureTokens
    /// In the order of the file: down, up, middle.
    private let layers: [(key: LinearWeights, value: LinearWeights)]

    init(
        _ configuration: ImagePromptConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.configuration = configuration
        self.compute = compute
        let projector = weights.at("image_proj")
        switch configuration.tokens {
        case .vector(let inputs, let count):
            tokens = try VectorTokens(
                inputs: inputs, count: count, width: configuration.width, projector,
                compute: compute)
        case .resampled(let shape):
            tokens = try ResampledTokens(shape, projector, compute: compute)
        }
        layers = try configuration.channels.enumerated().map { number, channels in
            let layer = weights.at("ip_adapter.\(2 * number + 1)")
            return (
                try layer.linear("to_k_ip", configuration.width, channels, bias: false),
                try layer.linear("to_v_ip", configuration.width, channels, bias: false)
            )
        }
    }

    /// Tokens of a prepared picture and of its absence, `[1, n, width]` each.
    func tokens(
        of picture: [Float], with encoder: CLIPVisionEncoder
    ) throws -> (positive: Tensor, negative: Tensor) {
        guard type(of: tokens).readsStates else {
            let vector = try encoder.vector(picture)
            return (try tokens(vector), try tokens(try compute.scale(vector, by: 0)))
        }
        let black = [Float](repeating: 0, count: picture.count)
        return (
            try tokens(try encoder.penultimateStates(picture)),
            try tokens(try encoder.penultimateStates(black))
        )
    }

    /// Keys and values of tokens `[1, n, width]` for every cross-attention of `unet`, in the order
    /// in which its blocks run.
    func project(
        _ tokens: Tensor, for unet: UNetConfiguration
    ) throws -> [(key: Tensor, value: Tensor)] {
        let places = unet.crossAttentions
        // The file counts the middle block last.
        let order =
            places.indices.filter { places[$0].path != .middle }
            + places.indices.filter { places[$0].path == .middle }
        var result = [(key: Tensor, value: Tensor)?](repeating: nil, count: places.count)
        for (layer, place) in zip(layers, order) {
            result[place] = (
                try compute.linear(tokens, layer.key), try compute.linear(tokens, layer.value)
            )
        }
        return result.compactMap { $0 }
    }
}

extension ImagePromptConfiguration {
    /// Why the adapter cannot be used in a UNet; nil when it can.
    func misfit(with unet: UNetConfiguration) -> String? {
        let places = unet.crossAttentions
        let expected =
            places.filter { $0.path != .middle }.map(\.channels)
            + places.filter { $0.path == .middle }.map(\.channels)
        if width != unet.contextWidth {
            return "its tokens are \(width) wide and the model reads \(unet.contextWidth)"
        }
        if channels != expected {
            return "it has \(channels.count) layers of other widths than the model's "
                + "\(expected.count)"
        }
        return nil
    }
}

extension ImagePromptReference.Method {
    /// Whether a cross-attention listens. Style and composition each live in one transformer of
    /// SDXL (InstantStyle, https://arxiv.org/abs/2404.02733).
    func listens(at place: CrossAttentionPlace) -> Bool {
        switch self {
        case .full: true
        case .style: place.path == .up && place.level == 0 && place.transformer == 1
        case .composition: place.path == .down && place.level == 2 && place.transformer == 1
        }
    }
}
