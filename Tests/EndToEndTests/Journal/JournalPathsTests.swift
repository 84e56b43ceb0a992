import Foundation
import Generation
import Images
import Testing

/// Paths in the journal and in pictures lead to the same files from any folder.
@Suite struct JournalPathsTests {
    @Test func relativePathsAreRecordedAsAbsoluteOnes() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let picture = PixelImage(width: 64, height: 64, filledWith: (1, 2, 3))
        try Data(try picture.encoded(as: .png)).write(
            to: program.work.appendingPathComponent("a.png"))
        try FileManager.default.createDirectory(
            at: program.work.appendingPathComponent("m"), withIntermediateDirectories: true)
        let made = try program.run(
            "generate", "a", "-b", "fake", "-m", "m", "--vae", "no-such", "--init", "./a.png",
            "--json", "-o", "out.png")
        try #require(made.status == 0, "\(made.errors)")
        let request = try #require(try made.object()["request"] as? [String: Any])
        #expect(request["model"] as? String == program.path("m"))
        #expect(request["initImage"] as? String == program.path("a.png"))
        #expect(request["vae"] as? String == "no-such")
        let recorded = program.journal.replacingOccurrences(of: "\\/", with: "/")
        #expect(recorded.contains("\"model\":\"\(program.path("m"))\""))
        let metadata = try PictureMetadata.read(fileAt: program.path("out.png"))
        #expect(metadata.request?.initImage == program.path("a.png"))
    }
}
