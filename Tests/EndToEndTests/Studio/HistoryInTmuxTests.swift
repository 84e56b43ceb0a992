import Foundation
import Testing

@Suite(
    "The history in a terminal", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: TmuxStudio.tmux != nil, "tmux is not installed"))
struct HistoryInTmuxTests {
    /// Makes a picture, then a tweak of it.
    private func makeFamily(_ studio: TmuxStudio) async throws {
        try await studio.until("a lighthouse on a cliff")
        try studio.press("Enter")
        try await studio.until("Done in")
        try await studio.until("1/1")
        try studio.press("M-5")
        try studio.press("Enter")
        try await studio.until("Restored")
        try studio.type(" in fog")
        try studio.press("Enter")
        try await studio.until("1/2")
    }

    @Test("tree, picks, replay verdicts")
    func replay() async throws {
        let studio = try TmuxStudio(width: 140, height: 40)
        defer { studio.end() }
        try await makeFamily(studio)
        try studio.press("M-5", "t")
        try await studio.until("▾ a lighthouse")
        try await studio.until("└╴a lighthouse")
        try studio.press("C-a", "R")
        try await studio.until("Replay: 2 identical")
        try await studio.until("= identical")
        try studio.press("Left", "Left")
        try await studio.until("▸1 a lighthouse")
        try studio.press("C-q")
        try await studio.until("STUDIO-HAS-ENDED")
    }

    @Test("A and B, flip and difference")
    func comparison() async throws {
        let studio = try TmuxStudio(width: 140, height: 40)
        defer { studio.end() }
        try await makeFamily(studio)
        try studio.press("M-5", "Home")
        try await studio.until("seed")
        // Keys that come before the picture is read do nothing: on a busy machine once is not enough.
        for _ in 0..<20 {
            try studio.press("A")
            if try await studio.shows("This is A") { break }
        }
        try await studio.until("This is A")
        try studio.press("Down")
        try await studio.until("2/2")
        for _ in 0..<20 {
            try studio.press("D")
            if try await studio.shows("identical, bit for bit") { break }
            try studio.press("D")
        }
        try await studio.until("identical, bit for bit")
        try studio.press("v")
        try await studio.until("Preview: A")
        try studio.press("C-q")
        try await studio.until("STUDIO-HAS-ENDED")
    }

    @Test("what the command line does to the journal is shown while the studio is open")
    func otherProcess() async throws {
        let studio = try TmuxStudio(width: 140, height: 40)
        defer { studio.end() }
        try await makeFamily(studio)
        var program = try CommandLineProgram()
        defer { program.remove() }
        program.environment["LATENT_HOME"] = studio.home.appendingPathComponent("latent").path
        let result = try program.run("history", "star", "last")
        #expect(result.status == 0)
        try await studio.until("★")
        try studio.press("C-q")
        try await studio.until("STUDIO-HAS-ENDED")
    }
}
