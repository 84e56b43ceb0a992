/// NumPy's `SeedSequence`: spreads an integer and a spawn key over a pool of 32-bit words.
///
/// After M. E. O'Neill's `seed_seq_fe`; the Brownian tree names the seed of each node with it.
struct SeedSequence {
    private var pool: [UInt32]

    /// - Parameters:
    ///   - entropy: the user's seed.
    ///   - spawnKey: the path to a child; each number takes as many words as it needs.
    ///   - poolSize: words in the pool, at least 4.
    init(entropy: UInt64, spawnKey: [UInt64] = [], poolSize: Int) {
        var words = Self.words(entropy)
        if !spawnKey.isEmpty {
            words += [UInt32](repeating: 0, count: max(poolSize - words.count, 0))
            words += spawnKey.flatMap(Self.words)
        }
        var hash = Hash(constant: 0x43b0_d7e5, multiplier: 0x931e_8875)
        pool = (0..<poolSize).map { hash.mix($0 < words.count ? words[$0] : 0) }
        for source in 0..<poolSize {
            for target in 0..<poolSize where target != source {
                pool[target] = Self.mix(pool[target], hash.mix(pool[source]))
            }
        }
        for word in words.dropFirst(poolSize) {
            for target in 0..<poolSize {
                pool[target] = Self.mix(pool[target], hash.mix(word))
            }
        }
    }

    /// The first `count` words derived from the pool.
    func state(count: Int) -> [UInt32] {
        var hash = Hash(constant: 0x8b51_f9dd, multiplier: 0x58f3_8ded)
        return (0..<count).map { hash.mix(pool[$0 % pool.count]) }
    }

    /// A multiplicative hash whose constant moves on with every value.
    private struct Hash {
        var constant: UInt32
        let multiplier: UInt32

        mutating func mix(_ value: UInt32) -> UInt32 {
            var value = value ^ constant
            constant &*= multiplier
            value &*= constant
            return value ^ (value >> 16)
        }
    }

    private static func mix(_ x: UInt32, _ y: UInt32) -> UInt32 {
        let result = 0xca01_f9dd &* x &- 0x4973_f715 &* y
        return result ^ (result >> 16)
    }

    /// The 32-bit words of a number, lowest first; zero is one word.
    private static func words(_ number: UInt64) -> [UInt32] {
        let low = UInt32(truncatingIfNeeded: number)
        let high = UInt32(truncatingIfNeeded: number >> 32)
        return high == 0 ? [low] : [low, high]
    }
}
