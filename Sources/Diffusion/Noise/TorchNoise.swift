import Foundation

/// PyTorch's CPU generator: `torch.randn(shape, generator: torch.Generator().manual_seed(seed))`.
///
/// Tensors of 16 elements and more go through ATen's vectorised fill: uniform floats in place, then
/// a Box-Muller transform of 8 + 8 values at a time, and a second draw for the last 16 when the
/// count is not a multiple of 16. Shorter tensors are drawn one by one in double precision, with
/// the second value of each pair kept for the next short draw.
public struct TorchNoise: NoiseSource {
    private static let block = 16

    private var generator: MersenneTwister
    private var keptNormal: Double?

    /// Starts the stream of a seed; only its low 32 bits matter.
    public init(seed: UInt64) {
        generator = MersenneTwister(seed: seed)
    }

    /// The next `torch.randn` of a tensor with `count` elements.
    public mutating func normal(count: Int) -> [Float] {
        guard count >= Self.block else {
            return (0..<max(count, 0)).map { _ in Float(nextShortNormal()) }
        }
        var values = [Float](repeating: 0, count: count)
        values.withUnsafeMutableBufferPointer { values in
            for index in values.indices { values[index] = nextUniform() }
            for start in stride(from: 0, through: count - Self.block, by: Self.block) {
                TorchNormal.transform16(&values, at: start)
            }
            guard !count.isMultiple(of: Self.block) else { return }
            let tail = count - Self.block
            for index in tail..<count { values[index] = nextUniform() }
            TorchNormal.transform16(&values, at: tail)
        }
        return values
    }

    /// 24 bits in [0, 1).
    private mutating func nextUniform() -> Float {
        Float(generator.next() & 0xff_ffff) * 0x1p-24
    }

    /// 53 bits in [0, 1).
    private mutating func nextUniformDouble() -> Double {
        Double(generator.next64() & (1 << 53 - 1)) * 0x1p-53
    }

    private mutating func nextShortNormal() -> Double {
        if let kept = keptNormal {
            keptNormal = nil
            return kept
        }
        let angle = 2 * Double.pi * nextUniformDouble()
        let radius = (-2 * log1p(-nextUniformDouble())).squareRoot()
        keptNormal = radius * sin(angle)
        return radius * cos(angle)
    }
}
