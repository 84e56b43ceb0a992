/// Reads `transformer_layers_per_block`, which is a number, a number per level, or a number per
/// ResNet block per level, and its mirror for the up path.
struct TransformerDepthReader {
    /// Per level from fine to coarse, per ResNet block.
    let down: [[Int]]
    /// Per level from coarse to fine, per ResNet block.
    let up: [[Int]]
    /// The middle block's.
    let middle: Int

    /// `layers` holds the ResNet blocks per level of the down path, from fine to coarse.
    init(file: ConfigurationFile, layers: [Int]) throws(WeightsError) {
        let key = "transformer_layers_per_block"
        let values = try Self.perLevel(file[key] ?? .number(1), count: layers.count, file, key)
        var down: [[Int]] = []
        for (value, count) in zip(values, layers) {
            down.append(try Self.depths(value, count: count, file, key))
        }
        self.down = down
        let reverseKey = "reverse_transformer_layers_per_block"
        let mirrored =
            try file[reverseKey].map { (value) throws(WeightsError) in
                try Self.perLevel(value, count: layers.count, file, reverseKey)
            } ?? values.reversed()
        var up: [[Int]] = []
        for (value, count) in zip(mirrored, layers.reversed()) {
            up.append(try Self.depths(value, count: count + 1, file, reverseKey))
        }
        self.up = up
        middle = down.last?.first ?? 1
    }

    private static func perLevel(
        _ value: JSONValue, count: Int, _ file: ConfigurationFile, _ key: String
    ) throws(WeightsError) -> [JSONValue] {
        guard case .array(let values) = value else {
            return Array(repeating: value, count: count)
        }
        guard values.count == count else { throw file.bad(key, "must have \(count) elements") }
        return values
    }

    private static func depths(
        _ value: JSONValue, count: Int, _ file: ConfigurationFile, _ key: String
    ) throws(WeightsError) -> [Int] {
        // ControlNets of the small kind have transformers without any layer.
        let accepted = 0...100
        let numbers: [Int?]
        if case .array(let values) = value {
            numbers = values.map(\.integer)
        } else {
            numbers = Array(repeating: value.integer, count: count)
        }
        let depths = numbers.compactMap { $0 }.filter { accepted.contains($0) }
        guard depths.count == count else {
            throw file.bad(
                key,
                "must give \(count) depths from \(accepted.lowerBound) to \(accepted.upperBound)")
        }
        return depths
    }
}
