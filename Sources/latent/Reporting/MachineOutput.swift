import Foundation

/// JSON as commands print it: one line, keys sorted, slashes as they are.
enum MachineOutput {
    /// Encodes a value.
    ///
    /// - Throws: `EncodingError` for numbers that JSON cannot express.
    static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
