import Foundation
import Providers
import Testing

/// Holds the README's table of backends against the capabilities.
@Suite struct ReadmeBackendsTests {
    @Test func theTableOfBackendsIsThatOfTheCapabilities() throws {
        let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("README.md")
        let text = try String(contentsOf: readme, encoding: .utf8)
        let (start, end) = ("<!-- backends -->\n", "\n<!-- /backends -->")
        let head = try #require(text.range(of: start))
        let tail = try #require(text.range(of: end))
        let table = ServiceTable.markdown()
        guard String(text[head.upperBound..<tail.lowerBound]) != table else { return }
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
            let whole = text[..<head.upperBound] + table + text[tail.lowerBound...]
            try Data(String(whole).utf8).write(to: readme)
        }
        Issue.record("the table differs; RECORD_SNAPSHOTS=1 writes it")
    }
}
