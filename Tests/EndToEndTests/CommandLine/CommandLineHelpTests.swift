import ArgumentParser
import Foundation
import Testing

@testable import latent

/// Help texts are reviewed like code: one snapshot per command.
@Suite struct CommandLineHelpTests {
    /// Every command by its words.
    private static func commands(
        _ command: any ParsableCommand.Type, _ words: [String]
    ) -> [(name: String, command: any ParsableCommand.Type)] {
        [(words.joined(separator: "-"), command)]
            + command.configuration.subcommands.flatMap {
                commands($0, words + [$0._commandName])
            }
    }

    @Test func everyCommandHasItsSnapshot() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Snapshots")
        let records = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil
        var names: Set<String> = []
        for (name, command) in Self.commands(Latent.self, ["latent"]) {
            names.insert(name + ".txt")
            let file = folder.appendingPathComponent(name + ".txt")
            let text = Latent.helpMessage(for: command, columns: 100) + "\n"
            let recorded = try? String(contentsOf: file, encoding: .utf8)
            if records || recorded == nil {
                try Data(text.utf8).write(to: file)
                Issue.record("\(name): the snapshot was written; look at it and run again")
                continue
            }
            #expect(text == recorded, "\(name); RECORD_SNAPSHOTS=1 writes the new text")
        }
        let left = Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
        #expect(left == names, "no snapshot is left of a command that is gone")
    }
}
