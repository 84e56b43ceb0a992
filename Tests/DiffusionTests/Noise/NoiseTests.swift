import Foundation
import Testing

@testable import Diffusion

/// The generators against torch, torchsde, NumPy and published CUDA values.
@Suite struct NoiseTests {
    @Test func torchNoiseIsBitExact() throws {
        for draws in try NoiseFixture.load().torch {
            var source = TorchNoise(seed: draws.seed)
            for (index, count) in draws.counts.enumerated() {
                let values = source.normal(count: count)
                #expect(
                    fnv1a(values) == draws.hashes[index],
                    "seed \(draws.seed), draw \(index) of \(count)")
                let ends = Array(values.prefix(8) + values.suffix(8))
                #expect(ends == draws.ends[index].values)
            }
        }
    }

    @Test func onlyTheLowHalfOfASeedMatters() {
        var seven = TorchNoise(seed: 7)
        var far = TorchNoise(seed: 1 << 32 + 7)
        #expect(seven.normal(count: 40) == far.normal(count: 40))
        #expect(seven.normal(count: 0).isEmpty)
    }

    @Test func philoxNoiseMatchesCUDA() {
        // torch.randn(3, 4, device="cuda") after torch.manual_seed(0), as A1111 documents it. CUDA
        // computes the transform in float32, A1111 and we in doubles: a few units in the last place.
        let expected: [Float] = [
            -0.924_662_59, -0.425_344_15, -2.643_845_7, 0.145_183_88, -0.120_867_47,
            -0.579_725_64, -0.622_851_22, -0.328_387_09, -1.074_542_31, -0.363_144_07,
            -1.671_050_67, 2.265_504_97,
        ]
        var source = PhiloxNoise(seed: 0)
        #expect(relativeDifference(source.normal(count: 12), expected) < 1e-6)
    }

    @Test func philoxNoiseMatchesTheReference() throws {
        for draws in try NoiseFixture.load().philox {
            var source = PhiloxNoise(seed: draws.seed)
            for (count, expected) in zip(draws.counts, draws.draws) {
                #expect(relativeDifference(source.normal(count: count), expected.values) < 1e-6)
            }
        }
    }

    @Test func seedSequencesMatchNumPy() throws {
        for item in try NoiseFixture.load().seedSequence {
            let sequence = SeedSequence(
                entropy: item.entropy, spawnKey: item.spawnKey, poolSize: 24)
            #expect(sequence.state(count: 4) == item.state)
        }
    }

    @Test func brownianIncrementsMatchTorchsde() throws {
        for item in try NoiseFixture.load().brownian {
            var path = BrownianInterval(
                start: item.start, end: item.end, count: item.count, seed: item.seed)
            for (query, expected) in zip(item.queries, item.increments) {
                let increment = path.increment(from: query[0], to: query[1])
                let bound: Float = 1e-5
                let difference = relativeDifference(increment, expected.values)
                #expect(difference < bound, "\(query) of seed \(item.seed): \(difference)")
            }
        }
    }

    @Test func brownianIncrementsAddUp() {
        var path = BrownianInterval(start: 0.03, end: 14.6, count: 16, seed: 3)
        let parts = Elementwise.map(
            path.increment(from: 2, to: 5), path.increment(from: 5, to: 9)
        ) { $0 + $1 }
        #expect(relativeDifference(parts, path.increment(from: 2, to: 9)) < 1e-5)
    }

    @Test func variationsMatchTheReference() throws {
        for item in try NoiseFixture.load().variation {
            var source = TorchNoise(seed: item.seed)
            var otherSource = TorchNoise(seed: item.other)
            let low = source.normal(count: 120)
            var high = otherSource.normal(count: 120)
            if item.near { high = Elementwise.map(low, high) { $0 + 0.001 * $1 } }
            let mixed = VariationNoise.slerp(item.amount, from: low, to: high, height: 6, width: 5)
            #expect(relativeDifference(mixed, item.result.values) < 2e-6)
        }
    }

    @Test func guidanceMatchesTheReference() throws {
        var source = TorchNoise(seed: 5)
        let unconditional = source.normal(count: 120)
        let conditional = source.normal(count: 120)
        for item in try NoiseFixture.load().guidance {
            let guided = Guidance(scale: item.scale, rescale: item.rescale)
                .combine(unconditional: unconditional, conditional: conditional)
            #expect(relativeDifference(guided, item.result.values) < 1e-6)
        }
        #expect(!Guidance(scale: 1).needsUnconditional)
        #expect(Guidance(scale: 1.01).needsUnconditional)
    }

    /// FNV-1a over the bytes of float32 values, little-endian.
    private func fnv1a(_ values: [Float]) -> UInt64 {
        var code: UInt64 = 0xcbf2_9ce4_8422_2325
        for value in values {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                code = (code ^ UInt64(value.bitPattern >> shift & 0xff)) &* 0x100_0000_01b3
            }
        }
        return code
    }
}
