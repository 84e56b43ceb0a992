/// What Python calls white space, word characters and numbers; the parsers of A1111 and ComfyUI are
/// regular expressions and `float()` of that language.
enum PythonText {
    /// `\s` on text.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        0x1C...0x1F ~= scalar.value || scalar.properties.isWhitespace
    }

    /// `\w` on text.
    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber:
            true
        default: scalar == "_"
        }
    }

    /// The digit 0...9 that `\d` matches, in any script.
    static func digit(_ scalar: Unicode.Scalar) -> Int? {
        guard scalar.properties.generalCategory == .decimalNumber else { return nil }
        return scalar.properties.numericValue.map { Int($0) }
    }

    /// `float(text)` for finite results; nil where Python raises an error or gives inf or nan.
    ///
    /// - Parameter allowsUnderscores: whether `1_000` is a number, as it is for `float`; the regular
    ///   expressions of A1111 do not match it.
    static func number(
        _ text: Substring.UnicodeScalarView, allowsUnderscores: Bool = false
    ) -> Double? {
        var trimmed = text
        while let first = trimmed.first, isSpace(first) { trimmed.removeFirst() }
        while let last = trimmed.last, isSpace(last) { trimmed.removeLast() }
        var plain = ""
        var hasDigit = false
        // An underscore stands between two digits.
        var (isAfterDigit, isAfterUnderscore) = (false, false)
        for scalar in trimmed {
            let digit = digit(scalar)
            if scalar == "_", allowsUnderscores, isAfterDigit {
                (isAfterDigit, isAfterUnderscore) = (false, true)
                continue
            }
            if isAfterUnderscore, digit == nil { return nil }
            (isAfterDigit, isAfterUnderscore) = (digit != nil, false)
            if let digit {
                plain += String(digit)
                hasDigit = true
            } else if "+-.eE".unicodeScalars.contains(scalar) {
                plain.unicodeScalars.append(scalar)
            } else {
                return nil
            }
        }
        guard hasDigit, !isAfterUnderscore, plain.utf8.count <= 400 else { return nil }
        return decimal(plain).flatMap { $0.isFinite ? $0 : nil }
    }

    /// A number as Python writes it: `1`, `1.`, `.5`, `+2e3`.
    private static func decimal(_ text: String) -> Double? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return Double(text) }
        // Swift wants a digit on both sides of the point.
        let sign = parts[0].first.map { "+-".contains($0) } ?? false
        let whole = parts[0].count == (sign ? 1 : 0) ? parts[0] + "0" : parts[0]
        let hasFraction = parts[1].first?.isNumber ?? false
        let hasWhole = parts[0].last?.isNumber ?? false
        guard hasFraction || hasWhole else { return nil }
        return Double(whole + "." + (hasFraction ? parts[1] : "0" + parts[1]))
    }
}
