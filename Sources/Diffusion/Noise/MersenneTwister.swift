/// The 32-bit Mersenne twister (Matsumoto and Nishimura 1998) as PyTorch's CPU generator seeds it.
struct MersenneTwister: Sendable {
    private static let size = 624
    private static let period = 397

    private var state: [UInt32]
    private var position = MersenneTwister.size

    /// Only the low 32 bits of a seed matter, as in PyTorch.
    init(seed: UInt64) {
        var word = UInt32(truncatingIfNeeded: seed)
        state = []
        state.reserveCapacity(Self.size)
        state.append(word)
        for index in 1..<UInt32(Self.size) {
            word = 1_812_433_253 &* (word ^ (word >> 30)) &+ index
            state.append(word)
        }
    }

    /// The next 32 bits.
    mutating func next() -> UInt32 {
        if position == Self.size { refill() }
        var word = state[position]
        position += 1
        word ^= word >> 11
        word ^= (word << 7) & 0x9d2c_5680
        word ^= (word << 15) & 0xefc6_0000
        word ^= word >> 18
        return word
    }

    /// The next 64 bits: the first draw is the upper half.
    mutating func next64() -> UInt64 {
        let high = UInt64(next())
        return high << 32 | UInt64(next())
    }

    private mutating func refill() {
        let size = Self.size
        let period = Self.period
        state.withUnsafeMutableBufferPointer { state in
            for index in 0..<size {
                let following = state[index + 1 == size ? 0 : index + 1]
                let mixed = (state[index] & 0x8000_0000) | (following & 0x7fff_ffff)
                let other = index + period < size ? index + period : index + period - size
                let odd: UInt32 = following & 1 == 0 ? 0 : 0x9908_b0df
                state[index] = state[other] ^ (mixed >> 1) ^ odd
            }
        }
        position = 0
    }
}
