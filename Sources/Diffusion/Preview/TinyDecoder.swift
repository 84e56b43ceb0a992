import Foundation
import Tensors

/// The decoder of an `AutoencoderTiny` (TAESD): latents to pixels in a fraction of the VAE's time.
///
/// Ports diffusers 0.42 `models/autoencoders/vae.py`, `DecoderTiny`.
final class TinyDecoder: LoadableNetwork {
    private enum Layer {
        case convolution(ConvolutionWeights, isActivated: Bool)
        case block(TinyBlock)
        /// Doubles the picture as part of the convolution.
        case upsampling(ConvolutionWeights)
    }

    private let configuration: TinyDecoderConfiguration
    private let compute: Compute
    private let layers: [Layer]

    init(
        _ configuration: TinyDecoderConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.configuration = configuration
        self.compute = compute
        let scope = weights.at("decoder.layers")
        var layers: [Layer] = []
        // Position in the reference's list, where activations and upsamplings count too.
        var position = 0
        func name() -> String { String(position) }
        var width = configuration.channels[0]
        layers.append(
            .convolution(
                try scope.convolution(name(), configuration.latentChannels, width),
                isActivated: true))
        position += 2
        for (level, count) in configuration.blocks.enumerated() {
            let isLast = level == configuration.blocks.count - 1
            for _ in 0..<count {
                layers.append(.block(try TinyBlock(width, scope.at(name()), compute: compute)))
                position += 1
            }
            if !isLast { position += 1 }
            let outputs = isLast ? 3 : configuration.channels[level]
            let convolution = try scope.convolution(name(), width, outputs, bias: isLast)
            layers.append(
                isLast ? .convolution(convolution, isActivated: false) : .upsampling(convolution))
            position += 1
            width = outputs
        }
        self.layers = layers
    }

    static func isOptional(_ name: String) -> Bool { name.hasPrefix("encoder.") }

    /// `[1, h, w, channels]` to `[1, h * 8, w * 8, 3]`, colours from -1 to 1, in f32.
    func decode(_ latents: Tensor) throws -> Tensor {
        let scaled = try compute.floats(latents).map {
            3 * tanh($0 / configuration.scalingFactor / 3)
        }
        var x = try compute.tensor(from: scaled, latents.shape)
        for layer in layers {
            switch layer {
            case .convolution(let weights, let isActivated):
                x = try compute.convolution2D(x, weights)
                if isActivated { x = try compute.activate(x, .relu) }
            case .block(let block): x = try block(x)
            case .upsampling(let weights):
                x = try compute.convolution2D(x, weights, upsampled: true)
            }
        }
        return try compute.tensor(
            from: try compute.floats(x).map { $0 * 2 - 1 }, x.shape, .float32)
    }
}
