import Foundation

/// A JSON object from a model folder, with typed access whose errors name file, key and value.
struct ConfigurationFile: Sendable {
    /// Longest file that is read, in bytes.
    static let maximumBytes = 4_000_000

    /// The path, for messages.
    let path: String
    /// The top-level members.
    let members: [String: JSONValue]

    /// Reads the object at `url`.
    ///
    /// - Throws: ``WeightsError`` when it cannot be read, is too long or is no JSON object.
    init(_ url: URL) throws(WeightsError) {
        path = url.path
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            data = try file.read(upToCount: Self.maximumBytes + 1) ?? Data()
        } catch {
            let isThere = FileManager.default.fileExists(atPath: url.path)
            throw .unreadable(
                file: url.path,
                reason: isThere ? error.localizedDescription : "there is no such file")
        }
        guard data.count <= Self.maximumBytes else {
            throw .badConfiguration(
                file: url.path, reason: "it is longer than \(Self.maximumBytes) bytes")
        }
        guard let members = try? JSONDecoder().decode([String: JSONValue].self, from: data) else {
            throw .badConfiguration(file: url.path, reason: "it is not a JSON object")
        }
        self.members = members
    }

    /// The `config.json` beside a file of weights where it describes one of `classes`; nil without
    /// one. What else lies there is not the file's own and is not asked for.
    static func beside(_ weights: URL, describing classes: [String]) -> ConfigurationFile? {
        let url = weights.deletingLastPathComponent().appendingPathComponent("config.json")
        guard FileManager.default.fileExists(atPath: url.path),
            let file = try? ConfigurationFile(url), let name = try? file.string("_class_name"),
            classes.contains(name)
        else { return nil }
        return file
    }

    /// Wraps members that did not come from a file of their own.
    init(path: String, members: [String: JSONValue]) {
        self.path = path
        self.members = members
    }

    /// The member, nil when absent or null.
    subscript(key: String) -> JSONValue? {
        if let value = members[key], value != .null { value } else { nil }
    }

    /// A whole number in `range`; `fallback` when absent.
    func integer(
        _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int>
    ) throws(WeightsError) -> Int {
        guard let value = self[key] else {
            if let fallback { return fallback }
            throw bad(key, "is missing")
        }
        guard let number = value.integer, range.contains(number) else {
            throw bad(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A finite number in `range`; `fallback` when absent.
    func number(
        _ key: String, default fallback: Double, in range: ClosedRange<Double>
    ) throws(WeightsError) -> Double {
        guard let value = self[key] else { return fallback }
        guard case .number(let number) = value, range.contains(number) else {
            throw bad(key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A truth value; `fallback` when absent.
    func bool(_ key: String, default fallback: Bool) throws(WeightsError) -> Bool {
        guard let value = self[key] else { return fallback }
        guard case .bool(let flag) = value else { throw bad(key, "must be true or false") }
        return flag
    }

    /// A string, nil when absent.
    func string(_ key: String) throws(WeightsError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let text) = value else { throw bad(key, "must be a string") }
        return text
    }

    /// A list of strings with 1 to `limit` elements.
    func strings(_ key: String, atMost limit: Int) throws(WeightsError) -> [String] {
        guard case .array(let values)? = self[key], (1...limit).contains(values.count) else {
            throw bad(key, "must be a list of 1 to \(limit) names")
        }
        var names: [String] = []
        for value in values {
            guard case .string(let name) = value else { throw bad(key, "must hold names") }
            names.append(name)
        }
        return names
    }

    /// Whole numbers in `range`, one per level; a single number stands for every level.
    func integers(
        _ key: String, default fallback: Int? = nil, count: Int, in range: ClosedRange<Int>
    ) throws(WeightsError) -> [Int] {
        guard case .array(let values)? = self[key] else {
            let value = try integer(key, default: fallback, in: range)
            return Array(repeating: value, count: count)
        }
        let numbers = values.compactMap(\.integer).filter { range.contains($0) }
        guard numbers.count == values.count, numbers.count == count else {
            throw bad(
                key,
                "must hold \(count) whole numbers from \(range.lowerBound) to \(range.upperBound)")
        }
        return numbers
    }

    /// Finite numbers, nil when absent.
    func numbers(_ key: String, count: Int) throws(WeightsError) -> [Double]? {
        guard let value = self[key] else { return nil }
        guard case .array(let values) = value, values.count == count else {
            throw bad(key, "must hold \(count) numbers")
        }
        var numbers: [Double] = []
        for value in values {
            guard case .number(let number) = value, number.isFinite else {
                throw bad(key, "must hold \(count) numbers")
            }
            numbers.append(number)
        }
        return numbers
    }

    /// Refuses values of `key` that name an architecture which is not built here.
    func require(_ key: String, isOneOf accepted: [JSONValue]) throws(WeightsError) {
        guard let value = self[key], !accepted.contains(value) else { return }
        throw bad(key, "is of a kind that is not supported")
    }

    /// An error about `key`.
    func bad(_ key: String, _ reason: String) -> WeightsError {
        .badConfiguration(file: path, reason: "\"\(key)\" \(reason)")
    }
}
