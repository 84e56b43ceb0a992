import Foundation
import Generation
import Images
import Testing

/// A replay that was stopped and is taken up under other circumstances.
@Suite struct ReplayProgressCommandTests {
    @Test func aChangedFileMakesItAnotherReplay() throws {
        var program = try CommandLineProgram()
        defer { program.remove() }
        let initial = program.path("a.png")
        let picture = PixelImage(width: 64, height: 64, filledWith: (1, 2, 3))
        try Data(try picture.encoded(as: .png)).write(to: URL(fileURLWithPath: initial))
        for name in ["1.png", "2.png", "3.png"] {
            let made = try program.run(
                "generate", "a", "-b", "fake", "-s", "1", "--init", initial, "-o",
                program.path(name))
            try #require(made.status == 0, "\(made.errors)")
        }
        let sessions = program.home.appendingPathComponent("latent/data/sessions")
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: sessions.path)
                .first { $0.hasSuffix(".jsonl") })
        program.environment["LATENT_FAKE_BACKEND"] = "2000"
        let running = try program.start("replay", name, "--verify")
        let folder = program.home.appendingPathComponent("latent/state/replays").path
        let deadline = ContinuousClock.now + .seconds(60)
        while (try? FileManager.default.contentsOfDirectory(atPath: folder))?.isEmpty ?? true {
            try #require(ContinuousClock.now < deadline)
            usleep(5000)
        }
        running.send(SIGINT)
        #expect(try running.wait().status == 130)
        program.environment["LATENT_FAKE_BACKEND"] = "0"
        // The first result is on file; it must not count once the initial picture is another one.
        let other = PixelImage(width: 64, height: 64, filledWith: (9, 9, 9))
        try Data(try other.encoded(as: .png)).write(to: URL(fileURLWithPath: initial))
        try FileManager.default.removeItem(atPath: program.path("1.png"))
        let rest = try program.run("replay", name, "--verify")
        #expect(rest.output.contains("the original is gone"), "\(rest.output)")
    }
}
