import Generation

/// Reads option values, collecting problems instead of stopping at the first.
struct ArgumentReader {
    var problems = ArgumentProblems()

    /// A whole number in a range.
    mutating func integer(
        _ option: String, _ text: String?, in range: ClosedRange<Int>
    ) -> Int? {
        guard let text else { return nil }
        if let number = Int(text), range.contains(number) { return number }
        problems.add(
            option, text,
            "a whole number from \(range.lowerBound) to \(range.upperBound) is needed")
        return nil
    }

    /// A whole number whose range the request's own rules check.
    mutating func integer(_ option: String, _ text: String?) -> Int? {
        guard let text else { return nil }
        if let number = Int(text) { return number }
        problems.add(option, text, "a whole number is needed")
        return nil
    }

    /// A finite number whose range the request's own rules check.
    mutating func number(_ option: String, _ text: String?) -> Double? {
        guard let text else { return nil }
        if let number = Double(text), number.isFinite { return number }
        problems.add(option, text, "a number is needed")
        return nil
    }

    /// A finite number in a range.
    mutating func number(
        _ option: String, _ text: String?, in range: ClosedRange<Double>
    ) -> Double? {
        guard let text else { return nil }
        if let number = Double(text), range.contains(number) { return number }
        problems.add(
            option, text, "a number from \(range.lowerBound) to \(range.upperBound) is needed")
        return nil
    }

    /// Where weights live.
    mutating func memory(_ text: String?) -> ExecutionOptions.Memory {
        choice("--memory", text) ?? .auto
    }

    /// A whole number from 0 to 2^64-1.
    mutating func seed(_ option: String, _ text: String?) -> UInt64? {
        guard let text else { return nil }
        if let seed = UInt64(text) { return seed }
        problems.add(option, text, "a whole number from 0 to \(UInt64.max) is needed")
        return nil
    }

    /// One of the raw values of an enumeration, in any case.
    mutating func choice<Choice>(
        _ option: String, _ text: String?, of type: Choice.Type = Choice.self
    ) -> Choice? where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        guard let text else { return nil }
        if let choice = Choice(rawValue: text.lowercased()) { return choice }
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        problems.add(option, text, "one of \(names) is needed")
        return nil
    }
}
