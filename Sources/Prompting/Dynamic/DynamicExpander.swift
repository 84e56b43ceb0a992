/// Expands one template; see ``DynamicPrompt`` for the syntax.
struct DynamicExpander {
    private(set) var choices: [DynamicPrompt.Choice] = []

    private let seed: UInt64
    private let rerolls: [String: Int]
    private let wildcards: DynamicPrompt.Wildcards
    /// Values of variables as they were assigned.
    private var variables: [String: String] = [:]
    private var activeVariables: [String] = []
    private var activeWildcards: [String] = []
    private var depth = 0
    private var written = 0

    private static let depthLimit = 100
    private static let sizeLimit = 1 << 20
    private static let choiceLimit = 20_000

    init(seed: UInt64, rerolls: [String: Int], wildcards: @escaping DynamicPrompt.Wildcards) {
        self.seed = seed
        self.rerolls = rerolls
        self.wildcards = wildcards
    }

    mutating func expand(_ template: String) throws(DynamicPromptError) -> String {
        try expand(template, place: "")
    }

    /// - Parameter place: where the text stands, the prefix of the ids of its choices.
    private mutating func expand(
        _ template: String, place: String
    ) throws(DynamicPromptError) -> String {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw .tooDeep }
        let bytes = Array(template.utf8)
        let partners = BracePartners(bytes)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
                result += bytes[index...(index + 1)]
                index += 2
            } else if byte == UInt8(ascii: "$"), let end = partners.end(ofBraceAt: index + 1) {
                let inside = String(decoding: bytes[(index + 2)..<end], as: UTF8.self)
                result += try variable(inside, place: "\(place)/\(index)").utf8
                index = end + 1
            } else if byte == UInt8(ascii: "{"), let end = partners.end(ofBraceAt: index) {
                let inside = bytes[(index + 1)..<end]
                result += try choice(inside, place: "\(place)/\(index)").utf8
                index = end + 1
            } else if byte == UInt8(ascii: "_"), let end = WildcardName.end(in: bytes, at: index) {
                let name = String(decoding: bytes[(index + 2)..<(end - 2)], as: UTF8.self)
                result += try wildcard(name, place: "\(place)/\(index)").utf8
                index = end
            } else {
                result.append(byte)
                index += 1
            }
            guard result.count <= Self.sizeLimit else { throw .tooLarge }
        }
        written += result.count
        guard written <= 16 * Self.sizeLimit else { throw .tooLarge }
        return String(decoding: result, as: UTF8.self)
    }

    // MARK: Choices

    private mutating func choice(
        _ inside: ArraySlice<UInt8>, place: String
    ) throws(DynamicPromptError) -> String {
        let variants = DynamicVariants(inside)
        let source = "{" + String(decoding: inside, as: UTF8.self) + "}"
        let picks = try draw(variants, place: place, source: source)
        var texts: [String] = []
        for pick in picks {
            texts.append(try expand(variants.options[pick].text, place: "\(place).\(pick)"))
        }
        return texts.joined(separator: variants.separator)
    }

    /// Draws without replacement and records the draw.
    private mutating func draw(
        _ variants: DynamicVariants, place: String, source: String
    ) throws(DynamicPromptError) -> [Int] {
        guard choices.count < Self.choiceLimit else { throw .tooLarge }
        var generator = ChoiceGenerator(seed: seed, place: place, reroll: rerolls[place] ?? 0)
        let most = min(variants.count.upperBound, variants.options.count)
        let least = min(variants.count.lowerBound, most)
        let wanted = least + Int(generator.unit() * Double(most - least + 1))
        var left = Array(variants.options.indices)
        var picks: [Int] = []
        while picks.count < wanted, !left.isEmpty {
            let at = generator.index(weights: left.map { variants.options[$0].weight })
            picks.append(left.remove(at: at))
        }
        choices.append(
            .init(id: place, source: source, picks: picks, optionCount: variants.options.count))
        return picks
    }

    // MARK: Wildcards

    private mutating func wildcard(
        _ name: String, place: String
    ) throws(DynamicPromptError) -> String {
        if let start = activeWildcards.firstIndex(of: name) {
            throw .cycle(activeWildcards[start...] + [name])
        }
        guard let lines = wildcards(name) else { throw .unknownWildcard(name) }
        let variants = DynamicVariants(lines: lines)
        guard !variants.options.isEmpty else { throw .emptyWildcard(name) }
        activeWildcards.append(name)
        defer { activeWildcards.removeLast() }
        let picks = try draw(variants, place: place, source: "__\(name)__")
        let line = variants.options[picks.first ?? 0].text
        return try expand(line, place: "\(place).\(picks.first ?? 0)")
    }

    // MARK: Variables

    private mutating func variable(
        _ inside: String, place: String
    ) throws(DynamicPromptError) -> String {
        if let equals = inside.firstIndex(of: "=") {
            let name = trimmed(inside[..<equals])
            let value = String(inside[inside.index(after: equals)...])
            if value.hasPrefix("!") {
                let fixed = try expand(String(value.dropFirst()), place: place)
                variables[name] = "!" + fixed
            } else {
                variables[name] = value
            }
            return ""
        }
        let parts = inside.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = trimmed(parts.first ?? "")
        guard let value = variables[name] else {
            guard parts.count == 2 else { return "${\(inside)}" }
            return try expand(String(parts[1]), place: place)
        }
        if value.hasPrefix("!") { return String(value.dropFirst()) }
        guard !activeVariables.contains(name) else { throw .recursiveVariable(name) }
        activeVariables.append(name)
        defer { activeVariables.removeLast() }
        return try expand(value, place: place)
    }

    private func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
