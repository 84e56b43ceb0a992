import Foundation
import Generation
import Images
import Testing

/// What `history show` tells about pictures, and what notes and tags may hold.
@Suite struct HistoryShowCommandTests {
    @Test func lostAndChangedPicturesAreToldWithTheWayBack() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let made = try program.run(
            "generate", "a", "-b", "fake", "-s", "1", "-o", program.path("out.png"))
        try #require(made.status == 0, "\(made.errors)")
        let intact = try program.run("history", "show", "last")
        #expect(intact.output.contains("out.png"))
        #expect(!intact.output.contains("latent replay"))
        let other = PixelImage(width: 64, height: 64, filledWith: (9, 9, 9))
        let file = URL(fileURLWithPath: program.path("out.png"))
        try Data(try other.encoded(as: .png)).write(to: file)
        let changed = try program.run("history", "show", "last").output
        #expect(changed.contains("changed since"))
        #expect(changed.contains("latent replay"))
        try FileManager.default.removeItem(at: file)
        let gone = try program.run("history", "show", "last").output
        #expect(gone.contains("is gone"))
        #expect(gone.contains(" -o "))
    }

    @Test func controlCharactersAreRefused() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        try #require(try program.run("generate", "a", "-b", "fake").status == 0)
        #expect(try program.run("history", "tag", "last", "a\u{1b}[2J").status == 2)
        #expect(try program.run("history", "note", "last", "a\u{1b}]0;x\u{07}").status == 2)
        #expect(try program.run("history", "note", "last", "two\nlines").status == 0)
        #expect(!program.journal.contains("u001b"))
    }
}
