/// A text in A1111's form, taken apart: prompt, negative prompt and `Key: value` pairs.
///
/// Follows `parse_generation_parameters` of modules/infotext_utils.py, and also accepts values that
/// are bare JSON, which Civitai and stable-diffusion.cpp append.
struct A1111Text {
    var prompt = ""
    var negativePrompt: String?
    var pairs: [String: String] = [:]

    /// - Returns: nil when no line holds at least three pairs.
    init?(_ text: String) {
        let lines = text.replacing("\r\n", with: "\n").split(
            separator: "\n", omittingEmptySubsequences: false)
        guard let parameterLine = Self.parameterLine(of: lines) else { return nil }
        var isNegative = false
        var prompts: (positive: [Substring], negative: [Substring]) = ([], [])
        for line in lines[..<parameterLine] {
            if !isNegative, line.hasPrefix("Negative prompt:") {
                isNegative = true
                let rest = line.dropFirst("Negative prompt:".count)
                prompts.negative.append(rest.drop { $0 == " " })
            } else if isNegative {
                prompts.negative.append(line)
            } else {
                prompts.positive.append(line)
            }
        }
        prompt = Self.joined(prompts.positive)
        negativePrompt = isNegative ? Self.joined(prompts.negative) : nil
        for line in lines[parameterLine...] {
            pairs.merge(Self.pairs(of: line)) { first, _ in first }
        }
    }

    private static func joined(_ lines: [Substring]) -> String {
        var text = lines.joined(separator: "\n")
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// The last line with at least three pairs; extensions may have added lines behind it.
    private static func parameterLine(of lines: [Substring]) -> Int? {
        let last = lines.lastIndex { !$0.allSatisfy(\.isWhitespace) }
        guard let last else { return nil }
        if pairs(of: lines[last]).count >= 3 { return last }
        return lines.lastIndex { $0.hasPrefix("Steps: ") && pairs(of: $0).count >= 3 }
    }

    /// The pairs of one line; the first of several equal keys counts.
    static func pairs(of line: Substring) -> [String: String] {
        var pairs: [String: String] = [:]
        var rest = line
        while true {
            rest = rest.drop { $0 == " " || $0 == "," || $0 == "\t" }
            guard let end = rest.firstIndex(where: { $0 == ":" || $0 == "," }) else { return pairs }
            let key = rest[..<end]
            guard rest[end] == ":", isKey(key) else {
                rest = rest[rest.index(after: end)...]
                continue
            }
            rest = rest[rest.index(after: end)...].drop { $0 == " " }
            let value = takeValue(from: &rest)
            if pairs[String(key)] == nil { pairs[String(key)] = value }
        }
    }

    private static func isKey(_ key: Substring) -> Bool {
        guard let first = key.first, isWord(first), key.count <= 80 else { return false }
        return key.allSatisfy { isWord($0) || $0 == " " || $0 == "-" || $0 == "/" }
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    /// A JSON string, a bare JSON object or array, or everything up to the next comma.
    private static func takeValue(from rest: inout Substring) -> String {
        if let first = rest.first, first == "\"" || first == "{" || first == "[",
            let end = endOfJSON(rest)
        {
            let literal = rest[..<end]
            if let value = JSONValue(parsing: String(literal)) {
                rest = rest[end...]
                return value.text ?? String(literal)
            }
        }
        let end = rest.firstIndex(of: ",") ?? rest.endIndex
        defer { rest = rest[end...] }
        var value = rest[..<end]
        while value.last == " " { value.removeLast() }
        return String(value)
    }

    /// Where the JSON string, object or array that `text` starts with ends.
    private static func endOfJSON(_ text: Substring) -> Substring.Index? {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for index in text.indices {
            switch (text[index], isInString) {
            case _ where isEscaped: isEscaped = false
            case ("\\", true): isEscaped = true
            case ("\"", _): isInString.toggle()
            case ("{", false), ("[", false): depth += 1
            case ("}", false), ("]", false): depth -= 1
            default: break
            }
            if depth == 0, !isInString { return text.index(after: index) }
        }
        return nil
    }
}
