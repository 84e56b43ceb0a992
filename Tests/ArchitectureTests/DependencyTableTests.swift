import Foundation
import Testing

/// Holds `Sources/README.md` against the code: every target has a row, and no file imports a target
/// that its row does not allow.
@Suite struct DependencyTableTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let sources = root.appendingPathComponent("Sources")

    @Test func everyTargetHasARow() throws {
        let rows = try Self.table()
        #expect(Set(rows.keys) == Set(try Self.targets()))
    }

    @Test func importsStayWithinTheirRow() throws {
        let rows = try Self.table()
        for (target, allowed) in rows {
            for file in try Self.swiftFiles(of: target) {
                let imported = try Self.imports(of: file).intersection(rows.keys)
                let surplus = imported.subtracting(allowed).subtracting([target])
                #expect(surplus.isEmpty, "\(target)/\(file.lastPathComponent) imports \(surplus)")
            }
        }
    }

    @Test func rowsPromiseNothingThatIsUnused() throws {
        for (target, allowed) in try Self.table() {
            let used = try Self.swiftFiles(of: target).reduce(into: Set<String>()) {
                $0.formUnion(try Self.imports(of: $1))
            }
            let unused = allowed.subtracting(used)
            #expect(unused.isEmpty, "\(target)'s row names \(unused), which no file imports")
        }
    }

    /// Rows `| Target | responsibility | A, B |` of the table of targets.
    private static func table() throws -> [String: Set<String>] {
        let text = try String(
            contentsOf: sources.appendingPathComponent("README.md"), encoding: .utf8)
        var rows: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else { continue }
            rows[cells[0].trimmingCharacters(in: ["`"])] = Set(
                cells[2].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                    .filter { $0 != "-" })
        }
        return rows
    }

    private static func targets() throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            at: sources, includingPropertiesForKeys: [.isDirectoryKey]
        ).filter { $0.hasDirectoryPath }.map(\.lastPathComponent)
    }

    private static func swiftFiles(of target: String) throws -> [URL] {
        let folder = sources.appendingPathComponent(target)
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (files?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
    }

    private static func imports(of file: URL) throws -> Set<String> {
        let text = try String(contentsOf: file, encoding: .utf8)
        return Set(
            text.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard let position = words.firstIndex(of: "import"), position <= 1,
                    words.count > position + 1
                else { return nil }
                return String(words[position + 1])
            })
    }
}
