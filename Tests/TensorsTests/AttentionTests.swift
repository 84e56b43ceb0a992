import Tensors
import Testing

@Suite struct AttentionTests {
    struct Sizes: Sendable {
        var batch: Int
        var heads: Int
        var dim: Int
        var queries: Int
        var keys: Int
        var causal = false
    }

    static let sizes = [
        Sizes(batch: 1, heads: 1, dim: 1, queries: 1, keys: 1),
        Sizes(batch: 2, heads: 2, dim: 8, queries: 5, keys: 3),
        Sizes(batch: 1, heads: 3, dim: 33, queries: 60, keys: 70),
        Sizes(batch: 2, heads: 2, dim: 64, queries: 60, keys: 60, causal: true),
        Sizes(batch: 1, heads: 1, dim: 160, queries: 13, keys: 300),
        Sizes(batch: 1, heads: 1, dim: 32, queries: 9, keys: 1030),
        Sizes(batch: 1, heads: 1, dim: 16, queries: 270, keys: 270, causal: true),
    ]

    @Test(arguments: Setting.all)
    func attentionMatchesDoubles(setting: Setting) throws {
        let compute = try setting.compute()
        for s in Self.sizes {
            let width = s.heads * s.dim
            let q = setting.numbers(s.batch * s.queries * width, seed: 1).map { $0 * 2 }
            let k = setting.numbers(s.batch * s.keys * width, seed: 2).map { $0 * 2 }
            let v = setting.numbers(s.batch * s.keys * width, seed: 3)
            let y = try compute.attention(
                compute.tensor(from: q, [s.batch, s.queries, width]),
                compute.tensor(from: k, [s.batch, s.keys, width]),
                compute.tensor(from: v, [s.batch, s.keys, width]), heads: s.heads,
                causal: s.causal)
            let expected = Reference.attention(
                q, k, v, batch: s.batch, heads: s.heads, dim: s.dim, causal: s.causal)
            let distance = Reference.distance(try compute.floats(y), expected)
            #expect(distance < setting.tolerance(2e-6, size: 1), "\(s)")
        }
    }

    @Test(arguments: Setting.best)
    func largeScoresDoNotOverflow(setting: Setting) throws {
        let compute = try setting.compute()
        let q = [Float](repeating: 1000, count: 4 * 16)
        let v = setting.numbers(4 * 16, seed: 1)
        let x = try compute.tensor(from: q, [1, 4, 16])
        let y = try compute.attention(
            x, compute.tensor(from: v.map { $0 * 1000 }, [1, 4, 16]),
            compute.tensor(from: v, [1, 4, 16]), heads: 1)
        #expect(try compute.floats(y).allSatisfy { $0.isFinite && abs($0) <= 1 })
    }

    @Test(arguments: Setting.best)
    func fusedProjectionEqualsSeparateOnes(setting: Setting) throws {
        let compute = try setting.compute()
        let width = 40
        let parts = try (1...3).map {
            try compute.tensor(
                from: setting.numbers(2 * 9 * width, seed: $0), [2, 9, width])
        }
        let separate = try compute.attention(parts[0], parts[1], parts[2], heads: 5)
        let fused = try compute.selfAttention(
            qkv: compute.concatenateChannels(parts), heads: 5)
        #expect(try compute.floats(fused) == compute.floats(separate))
    }
}
