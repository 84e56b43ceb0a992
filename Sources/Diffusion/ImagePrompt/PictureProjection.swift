import Tensors

/// Keys and values of a picture for one cross-attention, `[N, tokens, channels]` each.
struct PictureProjection {
    let key: Tensor
    let value: Tensor
    /// Multiplier of what it adds.
    let scale: Float
    /// Where it acts; nil everywhere.
    let mask: PictureMask?

    /// Adds what the picture answers to `query` `[N, pixels, channels]` to what the prompt answered.
    func added(
        to answer: Tensor, query: Tensor, heads: Int, _ compute: Compute
    ) throws -> Tensor {
        let own = try compute.attention(query, key, value, heads: heads)
        guard let mask else { return try compute.blend(answer, 1, own, scale) }
        let factors = mask.factors(pixels: own.shape[1]).map { $0 * scale }
        var values = try compute.floats(own)
        let channels = own.channels
        for row in 0..<own.rows {
            let factor = factors[row % factors.count]
            for index in (row * channels)..<((row + 1) * channels) { values[index] *= factor }
        }
        return try compute.add(answer, try compute.tensor(from: values, own.shape))
    }

    /// The projections of several runs side by side.
    static func sideBySide(
        _ projections: [PictureProjection], _ compute: Compute
    ) throws -> PictureProjection {
        PictureProjection(
            key: try compute.concatenateEntries(projections.map(\.key)),
            value: try compute.concatenateEntries(projections.map(\.value)),
            scale: projections[0].scale, mask: projections[0].mask)
    }
}

/// Where a picture prompts: a mask that follows the UNet's levels.
final class PictureMask {
    private let width: Int
    private let height: Int
    /// 0 or 1, row by row.
    private let values: [Float]
    private var known: [Int: [Float]] = [:]

    /// - Parameter values: `width * height` numbers, 0 or 1.
    init(width: Int, height: Int, values: [Float]) {
        self.width = width
        self.height = height
        self.values = values
    }

    /// The mask at a level of the UNet with that many pixels, resampled as the reference does
    /// (bicubic, without smoothing).
    func factors(pixels: Int) -> [Float] {
        if let found = known[pixels] { return found }
        let ratio = Double(width) / Double(height)
        var rows = max(1, Int((Double(pixels) / ratio).squareRoot()))
        rows += pixels % rows != 0 ? 1 : 0
        let columns = pixels / rows
        var result = resampled(columns: columns, rows: rows)
        // Sizes that do not divide evenly leave a few pixels over.
        result += [Float](repeating: 0, count: max(0, pixels - result.count))
        let found = Array(result.prefix(pixels))
        known[pixels] = found
        return found
    }

    private func resampled(columns: Int, rows: Int) -> [Float] {
        let across = (0..<columns).map { Self.taps($0, from: width, to: columns) }
        let down = (0..<rows).map { Self.taps($0, from: height, to: rows) }
        var result: [Float] = []
        for vertical in down {
            for horizontal in across {
                var sum: Float = 0
                for (y, weightY) in vertical {
                    for (x, weightX) in horizontal {
                        sum += weightY * weightX * values[y * width + x]
                    }
                }
                result.append(sum)
            }
        }
        return result
    }

    /// torch's bicubic weights (a = -0.75) of one output position; edges repeat.
    private static func taps(_ position: Int, from: Int, to: Int) -> [(Int, Float)] {
        let center = (Float(position) + 0.5) * (Float(from) / Float(to)) - 0.5
        let first = Int(center.rounded(.down))
        let t = center - Float(first)
        func near(_ x: Float) -> Float { ((-0.75 + 2) * x - (-0.75 + 3)) * x * x + 1 }
        func far(_ x: Float) -> Float { ((-0.75 * x - 5 * -0.75) * x + 8 * -0.75) * x - 4 * -0.75 }
        let weights = [far(t + 1), near(t), near(1 - t), far(2 - t)]
        return weights.enumerated().map { offset, weight in
            (min(max(first - 1 + offset, 0), from - 1), weight)
        }
    }
}
