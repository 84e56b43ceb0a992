import Foundation

extension SweepSpec {
    /// Where the record of a sweep lies that goes with its sheet.
    public static func recordPath(of sheet: String) -> String {
        URL(fileURLWithPath: sheet).deletingPathExtension().path + ".sweep.json"
    }

    /// The sweep as a file that ``read(_:)`` takes.
    public func record() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
