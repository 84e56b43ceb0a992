/// Random numbers for the choices of a prompt: SplitMix64 (Steele et al. 2014), started from the
/// seed and the place of the choice. Its sequence is part of what a saved seed means and never changes.
struct ChoiceGenerator {
    private var state: UInt64

    init(seed: UInt64, place: String, reroll: Int) {
        // FNV-1a of the place keeps the draws of different places apart.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in place.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        state = seed ^ hash
        _ = next()
        state = state &+ UInt64(truncatingIfNeeded: reroll) &* 0xD1B5_4A32_D192_ED03
    }

    mutating func next() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A number in 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// An index drawn by weight; weights that are not positive are never drawn unless all are.
    mutating func index(weights: [Double]) -> Int {
        let positive = weights.map { $0.isFinite ? max(0, $0) : 0 }
        let total = positive.reduce(0, +)
        let draw = unit()
        guard total > 0 else { return min(weights.count - 1, Int(draw * Double(weights.count))) }
        var rest = draw * total
        for (index, weight) in positive.enumerated() where weight > 0 {
            rest -= weight
            if rest < 0 { return index }
        }
        return positive.lastIndex { $0 > 0 } ?? 0
    }
}
