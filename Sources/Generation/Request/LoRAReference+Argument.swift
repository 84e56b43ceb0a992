extension LoRAReference {
    /// Why a text is no LoRA with its weights.
    public enum ArgumentProblem: Error, Hashable {
        /// `te=` or `lbw=` is followed by something else.
        case needsNumbers(String)
        case badWeight
        case noName
    }

    /// Reads `NAME` or `NAME:WEIGHT`, with `:te=F` and `:lbw=F,F,...` behind; a colon inside a path
    /// belongs to the path.
    public init(argument text: String) throws(ArgumentProblem) {
        var rest = text[...]
        var fields: [String: [Double]] = [:]
        while let colon = rest.lastIndex(of: ":") {
            let parts = rest[rest.index(after: colon)...].split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, ["te", "lbw"].contains(parts[0]) else { break }
            let values = parts[1].split(separator: ",", omittingEmptySubsequences: false)
            let numbers = values.compactMap { Double($0) }.filter(\.isFinite)
            guard numbers.count == values.count, parts[0] == "lbw" || numbers.count == 1 else {
                throw .needsNumbers(String(parts[0]))
            }
            fields[String(parts[0])] = numbers
            rest = rest[..<colon]
        }
        var weight = 1.0
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
            guard let number = Double(rest[rest.index(after: colon)...]), number.isFinite else {
                throw .badWeight
            }
            weight = number
            rest = rest[..<colon]
        }
        guard !rest.isEmpty else { throw .noName }
        self.init(name: String(rest), weight: weight)
        textEncoderWeight = fields["te"]?.first
        blockWeights = fields["lbw"]
    }
}
