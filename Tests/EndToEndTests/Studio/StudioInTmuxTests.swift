import Foundation
import Testing

@Suite(
    "The studio in a terminal", .serialized, .timeLimit(.minutes(10)),
    .enabled(if: TmuxStudio.tmux != nil, "tmux is not installed"))
struct StudioInTmuxTests {
    /// Checks that the terminal is as it was before the studio.
    private func expectRestored(_ studio: TmuxStudio) async throws {
        try await studio.until("STUDIO-HAS-ENDED")
        #expect(try studio.file("after") == studio.file("before"))
        #expect(try studio.state("#{alternate_on}#{mouse_any_flag}#{cursor_flag}") == "001")
    }

    @Test("Enter makes a picture and the history keeps it")
    func picture() async throws {
        let studio = try TmuxStudio()
        defer { studio.end() }
        try await studio.until("a lighthouse on a cliff")
        try studio.press("Enter")
        try await studio.until("Done in")
        try await studio.until("▀")
        try studio.press("C-q")
        try await expectRestored(studio)
        #expect(try studio.file("status") == "0")
        let sessions = studio.home.appendingPathComponent("latent/data/sessions").path
        let names = try FileManager.default.contentsOfDirectory(atPath: sessions)
        #expect(names.filter { $0.hasSuffix(".jsonl") }.count == 1)
    }

    @Test("sixel in a tmux that has none is told, and pictures are shown all the same")
    func sixel() async throws {
        let studio = try TmuxStudio(arguments: "--graphics sixel")
        defer { studio.end() }
        try await studio.until("This tmux shows no sixel pictures: shown as half-blocks instead")
        try studio.press("Enter")
        try await studio.until("Done in")
        try await studio.until("▀")
        try studio.press("C-q")
        try await expectRestored(studio)
    }

    @Test("typing, editing in $EDITOR and undo")
    func editing() async throws {
        let studio = try TmuxStudio()
        defer { studio.end() }
        try await studio.until("a lighthouse on a cliff")
        try studio.type(", 漢字 🦊")
        try await studio.until("漢字 🦊")
        try studio.press("M-e")
        try await studio.until("a windmill on a cliff")
        try studio.press("C-_")
        try await studio.until("a lighthouse on a cliff")
        try studio.press("C-q")
        try await expectRestored(studio)
    }

    @Test("too small a window says so and comes back")
    func tooSmall() async throws {
        let studio = try TmuxStudio()
        defer { studio.end() }
        try await studio.until("a lighthouse on a cliff")
        try studio.resize(width: 30, height: 8)
        try await studio.until("window is too small")
        try studio.resize(width: 150, height: 45)
        try await studio.until("a lighthouse on a cliff")
        try await studio.until("Queue")
        try studio.press("C-q")
        try await expectRestored(studio)
    }

    @Test("help, palette and theme list open and close")
    func layers() async throws {
        let studio = try TmuxStudio()
        defer { studio.end() }
        try await studio.until("a lighthouse on a cliff")
        try studio.press("F1")
        try await studio.until("Esc closes")
        try await studio.escape(from: "Esc closes")
        try studio.press("C-p")
        try await studio.until("Commands ")
        try studio.type("theme")
        try await studio.until("Choose theme")
        try studio.press("Enter")
        try await studio.until("midnight")
        try await studio.escape(from: "midnight")
        try studio.press("C-q")
        try await expectRestored(studio)
    }

    @Test("a running job is stopped by Ctrl-C; leaving while one runs asks")
    func cancel() async throws {
        let studio = try TmuxStudio(step: 20_000)
        defer { studio.end() }
        try await studio.until("a lighthouse on a cliff")
        try studio.press("Enter")
        try await studio.until("step 1/")
        try studio.press("C-c")
        try await studio.until("Stopped")
        try studio.press("Enter")
        try await studio.until("step 1/")
        try studio.press("C-q")
        try await studio.until("A job is running")
        try studio.press("Enter")
        try await expectRestored(studio)
    }

    @Test("the terminal is restored after a signal", arguments: [SIGTERM, SIGHUP, SIGINT])
    func signals(number: Int32) async throws {
        let studio = try TmuxStudio()
        defer { studio.end() }
        try await studio.until("a lighthouse on a cliff")
        try studio.type(" kept")
        try await studio.until("kept")
        try studio.signal(number)
        try await expectRestored(studio)
        let draft = studio.home.appendingPathComponent("latent/state/draft.json")
        #expect(try String(contentsOf: draft, encoding: .utf8).contains("kept"))
    }

    @Test("the terminal is restored after a crash", arguments: [SIGSEGV, SIGABRT, SIGILL])
    func crashes(number: Int32) async throws {
        let studio = try TmuxStudio()
        defer { studio.end() }
        try await studio.until("a lighthouse on a cliff")
        try studio.signal(number)
        try await expectRestored(studio)
        #expect(try studio.file("status") == String(128 + number))
    }

    @Test("stopped and continued, the screen comes back")
    func stopAndContinue() async throws {
        let studio = try TmuxStudio()
        defer { studio.end() }
        try await studio.until("a lighthouse on a cliff")
        try studio.signal(SIGSTOP)
        try studio.signal(SIGCONT)
        try studio.type(" again")
        try await studio.until("again")
        try studio.press("C-q")
        try await expectRestored(studio)
    }

    @Test("without colours everything works", arguments: [["NO_COLOR": "1"], ["TERM": "vt100"]])
    func withoutColors(environment: [String: String]) async throws {
        let studio = try TmuxStudio(environment: environment)
        defer { studio.end() }
        try await studio.until("a lighthouse on a cliff")
        try studio.press("Enter")
        try await studio.until("Done in")
        try studio.press("C-q")
        try await expectRestored(studio)
    }
}
