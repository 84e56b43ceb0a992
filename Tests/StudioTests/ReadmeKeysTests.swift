import Foundation
import Studio
import Testing

/// The README's table of keys is the one that the bindings make; `RECORD_SNAPSHOTS=1` writes it.
@Suite struct ReadmeKeysTests {
    @Test func theTableIsThatOfTheBindings() throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("README.md")
        let text = try String(contentsOf: url, encoding: .utf8)
        let parts = text.components(separatedBy: "<!-- keys -->\n")
        try #require(parts.count == 3, "the table stands between two lines <!-- keys -->")
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            let written = [parts[0], KeyTable.markdown, parts[2]]
                .joined(separator: "<!-- keys -->\n")
            try written.write(to: url, atomically: true, encoding: .utf8)
        }
        #expect(parts[1] == KeyTable.markdown)
    }
}
