import Foundation

/// CUDA's `torch.randn` on the CPU, as A1111's "NV" noise source computes it.
///
/// Philox 4x32-10 (Salmon et al. 2011) counts the element in word 2 and the call in word 0; of each
/// block the first two words give one normal value by Box-Muller.
public struct PhiloxNoise: NoiseSource {
    private static let rounds = 10
    /// float32 constants of the original; the arithmetic around them is in doubles.
    private static let step = Double(Float(2.328_306_4e-10))
    private static let angleStep = Double(Float(2.328_306_4e-10 * 6.283_185_5))

    private let seed: UInt64
    private var call: UInt32 = 0

    /// Starts the stream of a seed; all 64 bits matter.
    public init(seed: UInt64) {
        self.seed = seed
    }

    /// The next `torch.randn` of a tensor with `count` elements.
    public mutating func normal(count: Int) -> [Float] {
        defer { call &+= 1 }
        return (0..<max(count, 0)).map { element in
            let (x, y) = Self.block(call: call, element: UInt32(truncatingIfNeeded: element), seed)
            let u = Double(x) * Self.step + Self.step / 2
            let v = Double(y) * Self.angleStep + Self.angleStep / 2
            return Float((-2 * log(u)).squareRoot() * sin(v))
        }
    }

    /// The first two words of a Philox block.
    private static func block(
        call: UInt32, element: UInt32, _ seed: UInt64
    ) -> (UInt32, UInt32) {
        var counter: SIMD4<UInt32> = [call, 0, element, 0]
        var key: SIMD2<UInt32> = [
            UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32),
        ]
        for _ in 0..<rounds {
            let first = counter[0].multipliedFullWidth(by: 0xd251_1f53)
            let second = counter[2].multipliedFullWidth(by: 0xcd9e_8d57)
            counter = [
                second.high ^ counter[1] ^ key[0], second.low,
                first.high ^ counter[3] ^ key[1], first.low,
            ]
            key = key &+ [0x9e37_79b9, 0xbb67_ae85]
        }
        return (counter[0], counter[1])
    }
}
