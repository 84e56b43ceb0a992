import Foundation
import Testing

/// Holds the tables of `RemoteServices.md` against the tests that there are.
@Suite struct TableOfTestsTests {
    @Test func everyTestThatIsNamedIsThere() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let table = try String(
            contentsOf: folder.appending(path: "RemoteServices.md"), encoding: .utf8)
        let sources = ["ProvidersTests", "EndToEndTests"].map { folder.appending(path: $0) }
        var tests: [String: String] = [:]
        for source in sources {
            let files = FileManager.default.enumerator(at: source, includingPropertiesForKeys: nil)
            for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
                tests[file.deletingPathExtension().lastPathComponent] = try String(
                    contentsOf: file, encoding: .utf8)
            }
        }
        let names = table.matches(of: /`(\w+Tests)\.(\w+)`/).map { ($0.output.1, $0.output.2) }
        #expect(names.count > 100)
        for (suite, test) in names {
            let text = tests[String(suite)] ?? ""
            #expect(text.contains("struct \(suite)"), "\(suite)")
            #expect(text.contains("@Test") && text.contains("func \(test)("), "\(suite).\(test)")
        }
    }
}
