import Tensors

/// A T2I-Adapter: a small network that turns a control picture into features, which are added inside
/// the UNet's contracting half (Mou et al. 2023, https://arxiv.org/abs/2302.08453).
///
/// Ports diffusers 0.42 `models/adapter.py`: the full adapters for SDXL and Stable Diffusion 1, and
/// the light one.
final class StructureAdapter: LoadableNetwork {
    /// The second convolution of a layer: of single pixels in full adapters.
    private enum SecondConvolution {
        case pointwise(LinearWeights)
        case window(ConvolutionWeights)
    }

    private struct Layer {
        let first: ConvolutionWeights
        let second: SecondConvolution
    }

    private struct Level {
        /// Changes the width; nil where it stays.
        let input: LinearWeights?
        let layers: [Layer]
        /// Light adapters widen again at the end.
        let output: LinearWeights?
    }

    let configuration: StructureAdapterConfiguration
    private let compute: Compute
    /// Light adapters have none.
    private let convIn: ConvolutionWeights?
    private let levels: [Level]

    init(
        _ configuration: StructureAdapterConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.configuration = configuration
        self.compute = compute
        let folded = configuration.scale * configuration.scale * configuration.pictureChannels
        let isLight = configuration.kind == .light
        convIn =
            isLight ? nil : try weights.convolution("conv_in", folded, configuration.channels[0])
        var inputs = isLight ? folded : configuration.channels[0]
        var levels: [Level] = []
        for (number, channels) in configuration.featureChannels.enumerated() {
            let scope = weights.at("body.\(number)")
            let inner = isLight ? channels / 4 : channels
            levels.append(
                Level(
                    input: isLight || inputs != inner
                        ? try scope.pointwise("in_conv", inputs, inner) : nil,
                    layers: try (0..<configuration.layers).map {
                        try Self.layer(scope.at("resnets.\($0)"), inner, isLight: isLight)
                    },
                    output: isLight ? try scope.pointwise("out_conv", inner, channels) : nil))
            inputs = channels
        }
        self.levels = levels
    }

    private static func layer(
        _ weights: WeightsScope, _ channels: Int, isLight: Bool
    ) throws -> Layer {
        Layer(
            first: try weights.convolution("block1", channels, channels),
            second: isLight
                ? .window(try weights.convolution("block2", channels, channels))
                : .pointwise(try weights.pointwise("block2", channels, channels)))
    }

    /// Features of a control picture, `[1, h, w, channels]` each; they do not depend on the timestep.
    ///
    /// - Parameter picture: colours from 0 to 1, `[height, width, 3]`.
    func features(of picture: [Float], width: Int, height: Int) throws -> [Tensor] {
        var x = try folded(picture, width: width, height: height)
        if let convIn { x = try compute.convolution2D(x, convIn) }
        let scales = configuration.scales
        return try levels.enumerated().map { number, level in
            if number > 0, scales[number] != scales[number - 1] { x = try halved(x) }
            if let input = level.input { x = try compute.linear(x, input) }
            for layer in level.layers {
                let h = try compute.activate(try compute.convolution2D(x, layer.first), .relu)
                switch layer.second {
                case .pointwise(let weights):
                    x = try compute.linear(h, weights, residual: x)
                case .window(let weights):
                    x = try compute.convolution2D(h, weights, residual: x)
                }
            }
            if let output = level.output { x = try compute.linear(x, output) }
            return x
        }
    }

    /// Squares of pixels as channels, one picture channel after another (torch's `PixelUnshuffle`).
    private func folded(_ picture: [Float], width: Int, height: Int) throws -> Tensor {
        let scale = configuration.scale
        let (rows, columns) = (height / scale, width / scale)
        var values: [Float] = []
        values.reserveCapacity(picture.count)
        for row in 0..<rows {
            for column in 0..<columns {
                for channel in 0..<configuration.pictureChannels {
                    for y in (row * scale)..<((row + 1) * scale) {
                        for x in (column * scale)..<((column + 1) * scale) {
                            values.append(picture[(y * width + x) * 3 + channel])
                        }
                    }
                }
            }
        }
        let channels = scale * scale * configuration.pictureChannels
        return try compute.tensor(from: values, [1, rows, columns, channels])
    }

    /// Means of two by two, at an odd edge of what there is.
    private func halved(_ x: Tensor) throws -> Tensor {
        let (rows, columns, channels) = (x.shape[1], x.shape[2], x.shape[3])
        let values = try compute.floats(x)
        let (halfRows, halfColumns) = ((rows + 1) / 2, (columns + 1) / 2)
        var result = [Float](repeating: 0, count: halfRows * halfColumns * channels)
        for row in 0..<halfRows {
            for column in 0..<halfColumns {
                let below = (2 * row)..<min(2 * row + 2, rows)
                let right = (2 * column)..<min(2 * column + 2, columns)
                let count = Float(below.count * right.count)
                for channel in 0..<channels {
                    var sum: Float = 0
                    for y in below {
                        for x in right { sum += values[(y * columns + x) * channels + channel] }
                    }
                    result[(row * halfColumns + column) * channels + channel] = sum / count
                }
            }
        }
        return try compute.tensor(from: result, [1, halfRows, halfColumns, channels])
    }
}
