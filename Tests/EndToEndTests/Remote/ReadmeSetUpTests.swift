import FakeServers
import Foundation
import Settings
import Testing

/// The README's line for each service, copied and pasted, with another address and key only.
@Suite(.serialized) struct ReadmeSetUpTests {
    /// Lines that begin a picture at a kind of service.
    private static func lines() throws -> [String: String] {
        let readme = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("README.md")
        let text = try String(contentsOf: readme, encoding: .utf8)
        let start = try #require(text.range(of: "## Remote backends"))
        let rest = text[start.upperBound...]
        let section = rest[..<(rest.range(of: "\n## ")?.lowerBound ?? rest.endIndex)]
        var lines: [String: String] = [:]
        for line in section.split(separator: "\n") {
            guard let option = line.range(of: " -b "), line.contains("latent generate") else {
                continue
            }
            lines[String(line[option.upperBound...].prefix { $0 != " " })] = String(line)
        }
        return lines
    }

    @Test func everyKindHasALine() throws {
        #expect(Set(try Self.lines().keys) == Set(BackendKind.allCases.map(\.rawValue)))
    }

    @Test(arguments: BackendKind.allCases.map(\.rawValue))
    func theLineMakesAPicture(kind: String) async throws {
        let line = try #require(try Self.lines()[kind])
        let services = try await FakeServiceList.start(1, of: kind)
        let fake = try #require(services.first)
        var program = try CommandLineProgram()
        defer { program.remove() }
        let command = line.components(separatedBy: "&& ").last ?? line
        let code = command.components(separatedBy: "  #")[0]
        if let variable = BackendKind(rawValue: kind)?.keyVariable, let key = fake.key {
            #expect(line.contains("export \(variable)="))
            program.environment[variable] = key
        }
        let outcome = try await program.shellAside(
            code.replacingOccurrences(of: "latent generate", with: "\"$LATENT\" generate")
                + " --base-url \(fake.baseURL)")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(program.files.contains { $0.hasPrefix("fox") })
        #expect(fake.server.violations == [])
        await fake.stop()
    }
}
