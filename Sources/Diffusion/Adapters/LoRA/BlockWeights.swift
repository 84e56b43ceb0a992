/// Factors of a LoRA's changes per block of the UNet, as A1111's block weights count blocks: `BASE`
/// for the text encoders, `IN00` to `IN11`, `M00`, `OUT00` to `OUT11`.
struct BlockWeights: Sendable {
    private let factors: [String: Double]
    private let originalNames: OriginalUNetNames
    /// Tells these factors from others.
    let identity: String

    /// The blocks that a list of so many numbers speaks of; those that it leaves out count as 0.
    private static let names: [Int: [String]] = [
        12: ["BASE", "IN04", "IN05", "IN07", "IN08", "M00"] + numbered("OUT", 0..<6),
        17: ["BASE", "IN01", "IN02", "IN04", "IN05", "IN07", "IN08", "M00"]
            + numbered("OUT", 3..<12),
        20: ["BASE"] + numbered("IN", 0..<9) + ["M00"] + numbered("OUT", 0..<9),
        26: ["BASE"] + numbered("IN", 0..<12) + ["M00"] + numbered("OUT", 0..<12),
    ]

    private static func numbered(_ prefix: String, _ range: Range<Int>) -> [String] {
        range.map { prefix + ($0 < 10 ? "0" : "") + String($0) }
    }

    /// - Parameter numbers: 12, 17, 20 or 26 of them.
    init(_ numbers: [Double], for checkpoint: Checkpoint) {
        let pairs = zip(Self.names[numbers.count] ?? [], numbers).map { ($0, $1) }
        factors = Dictionary(pairs) { first, _ in first }
        originalNames = OriginalUNetNames(checkpoint.unet.configuration)
        identity = " " + numbers.map { "\($0)" }.joined(separator: ",")
    }

    /// The factor of a module's changes; what lies outside of all blocks keeps its strength.
    func factor(of target: AdapterTarget) -> Double {
        guard target.network == .unet else { return factors["BASE"] ?? 0 }
        guard let name = originalNames.original(target.module) else { return 1 }
        let parts = name.split(separator: ".")
        let number = parts.count > 1 ? Int(parts[1]) : nil
        switch (parts.first, number) {
        case ("middle_block", _): return factors["M00"] ?? 0
        case ("input_blocks", let number?):
            return factors[Self.numbered("IN", number..<(number + 1))[0]] ?? 0
        case ("output_blocks", let number?):
            return factors[Self.numbered("OUT", number..<(number + 1))[0]] ?? 0
        default: return 1
        }
    }
}
