import Tensors
import Testing

@Suite struct Int8AttentionTests {
    /// q, k and v side by side, `[batch, rows, 3 * width]`; keys have a mean of their own, as those of
    /// trained networks do.
    private func projection(
        batch: Int, rows: Int, width: Int, seed: UInt64, keyOffset: Float = 0
    ) -> [[Float]] {
        (0..<3).map { part in
            let numbers = Reference.numbers(batch * rows * width, seed: seed + UInt64(part))
            guard part < 2 else { return numbers }
            return numbers.enumerated().map { index, value in
                value * 2 + (part == 1 ? keyOffset * Float(index % width % 5 - 2) : 0)
            }
        }
    }

    /// The same attention in int8 and, as its tests compare it with doubles, in the setting's precision.
    private func both(
        _ parts: [[Float]], batch: Int, rows: Int, heads: Int, _ setting: Setting
    ) throws -> (int8: [Float], exact: [Double]) {
        let compute = try setting.compute()
        let width = parts[0].count / batch / rows
        let qkv = try compute.concatenateChannels(
            try parts.map { try compute.tensor(from: $0, [batch, rows, width]) })
        let int8 = try compute.selfAttention(qkv: qkv, heads: heads, quantized: true)
        let exact = try compute.selfAttention(qkv: qkv, heads: heads)
        return (try compute.floats(int8), try compute.floats(exact).map(Double.init))
    }

    @Test(arguments: Setting.all)
    func staysNearTheExactOne(setting: Setting) throws {
        for (batch, rows, heads, dim) in [
            (1, 1, 1, 16), (2, 5, 2, 16), (1, 300, 2, 64), (1, 77, 3, 80), (1, 520, 1, 32),
        ] {
            let parts = projection(batch: batch, rows: rows, width: heads * dim, seed: 3)
            let (int8, exact) = try both(
                parts, batch: batch, rows: rows, heads: heads, setting)
            #expect(Reference.distance(int8, exact) < 0.05, "\(rows) rows, \(dim) columns")
        }
    }

    @Test("what all keys have in common costs no accuracy", arguments: Setting.best)
    func commonKeys(setting: Setting) throws {
        let parts = projection(batch: 1, rows: 300, width: 64, seed: 5, keyOffset: 6)
        let (int8, exact) = try both(parts, batch: 1, rows: 300, heads: 1, setting)
        #expect(Reference.distance(int8, exact) < 0.06)
    }

    @Test("a key that stands out coarsens only its own block", arguments: Setting.best)
    func peak(setting: Setting) throws {
        let (rows, width) = (1024, 16)
        // Every query sees one key of weight e^4 beside 1,023 equal ones, which keep most of the
        // weight; only they carry a value.
        let parts: [[Float]] = [
            (0..<rows * width).map { $0 % width == 0 ? 4 : 0 },
            (0..<rows * width).map { $0 == 0 ? 4 : 0 },
            (0..<rows * width).map { $0 < width ? 0 : 1 },
        ]
        let (int8, exact) = try both(parts, batch: 1, rows: rows, heads: 1, setting)
        #expect(Reference.distance(int8, exact) < 0.02)
    }

    @Test("the same bits for any number of threads")
    func threads() throws {
        let setting = Setting.best[1]
        let values = projection(batch: 2, rows: 300, width: 128, seed: 9)
        let results = try [1, 2, 5].map { threads in
            let compute = try setting.compute(threads: threads)
            let parts = try values.map { try compute.tensor(from: $0, [2, 300, 128]) }
            return try compute.floats(
                try compute.selfAttention(
                    qkv: try compute.concatenateChannels(parts), heads: 2, quantized: true))
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }
}
