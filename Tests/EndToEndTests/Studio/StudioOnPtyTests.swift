import Foundation
import Testing

@Suite("The studio on a raw terminal", .serialized, .timeLimit(.minutes(10)))
struct StudioOnPtyTests {
    private static let first = "a lighthouse on a cliff at sunset"

    /// Leaves, and checks that the terminal is as it was.
    private func leave(_ studio: PtyStudio) async throws {
        // It asks when it has not heard yet that the last job has ended.
        studio.send("\u{11}y")
        #expect(try await studio.status() == 0)
        studio.expectRestored()
    }

    @Test(
        "terminals that answer nothing, garbage or half of it",
        arguments: [
            "", "\u{1B}[?99;;;;99c", "\u{1B}]11;rgb:zz/zz/zz\u{7}\u{1B}[?62;22c", "\u{1B}P>|half",
            "\u{1B}[6;0;0t\u{1B}[4;-1;99999999999t\u{1B}[?1;0;99999999S\u{1B}[?62c",
            "\u{1B}_Gi=31;ENOTSUP:\u{1B}\\\u{1B}[?1;2c",
        ])
    func answers(answer: String) async throws {
        let studio = try PtyStudio { $0.contains("\u{1B}[c") ? answer : "" }
        defer { studio.end() }
        try await studio.until("lighthouse")
        // What an unfinished answer leaves open is ended before the keys that follow.
        if answer.hasSuffix("half") { studio.send("\u{1B}\\") }
        studio.send(" kept")
        try await studio.untilDraft(Self.first + " kept")
        try await leave(studio)
    }

    @Test("answers that come late, and between keys, are not typed")
    func lateAnswers() async throws {
        // The pieces of an answer belong together for long, however busy the machine is.
        let studio = try PtyStudio(
            environment: ["ESCDELAY": "2000"], answers: PtyStudio.silent)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\u{1B}[?62;4;22c")
        studio.send(" o")
        studio.send(
            "\u{1B}]11;rgb:1111/2222/3333\u{1B}\\n\u{1B}[6;20;10te\u{1B}P>|XTerm(379)\u{1B}\\")
        for byte in Array("\u{1B}[?1;0;256S".utf8) {
            studio.send([byte])
            try await Task.sleep(for: .milliseconds(2))
        }
        studio.send("!")
        try await studio.untilDraft(Self.first + " one!")
        try await leave(studio)
    }

    @Test("keys typed before the first paint are not lost")
    func typedAhead() async throws {
        let studio = try PtyStudio(answers: PtyStudio.silent)
        defer { studio.end() }
        studio.send("; early")
        try await studio.until("lighthouse")
        try await studio.untilDraft(Self.first + "; early")
        try await leave(studio)
    }

    @Test("a paste of 100 KB with escape sequences and broken UTF-8 stays text")
    func paste() async throws {
        let studio = try PtyStudio()
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\u{1B}a")  // selects all: the paste takes its place
        let line = "(red:1.2) fox, \u{1F98A} e\u{301} "
        let text = String(repeating: line, count: 100_000 / line.utf8.count)
        studio.send(Array("\u{1B}[200~".utf8) + Array(text.utf8))
        studio.send(Array("\u{1B}]0;title\u{7}\u{1B}[2J\u{1B}[31m".utf8) + [0xFF, 0xC3, 0x28])
        studio.send("\u{1B}[201~")
        studio.send("end")
        try await studio.untilDraft(
            text + "\u{1B}]0;title\u{7}\u{1B}[2J\u{1B}[31m\u{FFFD}\u{FFFD}(end")
        #expect(!studio.written.contains("\u{1B}]0;title"), "nothing of it reaches the terminal")
        #expect(!studio.written.contains("\u{1B}[31m\u{FFFD}"))
        try await leave(studio)
    }

    @Test("broken UTF-8 between keys is shown as such and harms nothing")
    func brokenInput() async throws {
        let studio = try PtyStudio()
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send([0x20, 0xC3, 0x28, 0xE2, 0x82, 0x41])
        studio.send("\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} \u{5E9}\u{5DC}\u{5D5}\u{5DD}")
        try await studio.untilDraft(
            Self.first + " \u{FFFD}(\u{FFFD}A\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} "
                + "\u{5E9}\u{5DC}\u{5D5}\u{5DD}")
        try await leave(studio)
    }

    @Test("storms of resizes, one cell and very many")
    func resizes() async throws {
        let studio = try PtyStudio()
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\r")
        try await studio.until("Done in")
        for round in 0..<300 {
            studio.resize(width: 1 + round * 37 % 500, height: 1 + round * 13 % 200)
            if round % 10 == 0 { studio.send("x") }
        }
        for (width, height) in [(1, 1), (500, 200), (60, 16), (59, 15), (100, 30)] {
            studio.resize(width: width, height: height)
            try await Task.sleep(for: .milliseconds(60))
        }
        studio.send(" end")
        try await studio.untilDraft(Self.first + String(repeating: "x", count: 30) + " end")
        try await leave(studio)
    }

    @Test("new entries shift the history without moving lines about, and pictures with them")
    func noScrolling() async throws {
        let studio = try PtyStudio(width: 130, height: 41)
        defer { studio.end() }
        try await studio.until("lighthouse")
        for count in 1...14 {
            studio.send("\r")
            try await studio.untilPictures(count)
        }
        try await Task.sleep(for: .milliseconds(300))
        try await leave(studio)
        // Scrolling, inserting and deleting of lines and characters.
        let text = studio.written
        #expect(text.matches(of: /\u{1B}\[[0-9;]*[LMST@P]/).map(\.output).isEmpty)
        #expect(!text.contains("\u{1B}M") && !text.contains("\u{1B}D"))
    }

    @Test("Ctrl-Z gives the terminal back, fg takes it again")
    func suspend() async throws {
        let script = """
            cd "$HOME"; stty -g > before; "$PROGRAM"; stty -g > between; echo IN-THE-SHELL; read line; \
            fg; stty -g > after
            """
        let studio = try PtyStudio(script: script)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\u{1A}")
        try await studio.until("IN-THE-SHELL")
        studio.expectRestored()
        studio.send("\r")
        studio.send(" again")
        try await studio.untilDraft(Self.first + " again")
        studio.send("\u{11}")
        _ = try await studio.status()
        studio.expectRestored()
        let before = try studio.file("before")
        #expect(try studio.file("between") == before)
        #expect(try studio.file("after") == before)
    }

    @Test(
        "signals restore the terminal and keep what was typed",
        arguments: [SIGTERM, SIGINT, SIGHUP])
    func signals(number: Int32) async throws {
        let studio = try PtyStudio(step: 20_000)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send(" kept\r")
        try await studio.until("step ")
        studio.signal(number)
        _ = try await studio.status()
        studio.expectRestored()
        #expect(studio.draft == Self.first + " kept")
    }

    @Test(
        "colours follow what the terminal has and what the user wants",
        arguments: [
            (["TERM": "xterm-16color"], 16), (["TERM": "xterm-256color"], 256),
            (["NO_COLOR": "1"], 0), (["TERM": "vt100"], 0),
            (["TERM": "xterm-256color", "COLORTERM": "truecolor"], 1 << 24),
        ])
    func colors(environment: [String: String], most: Int) async throws {
        let studio = try PtyStudio(environment: environment)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\r")
        try await studio.until("Done in")
        try await leave(studio)
        let text = studio.written
        // Pictures in half-blocks have colours of their own: only what curses writes counts.
        let cells = text.components(separatedBy: "\u{1B}7").enumerated().map { index, part in
            index == 0 ? part : part.components(separatedBy: "\u{1B}8").dropFirst().joined()
        }.joined()
        #expect(cells.contains("38:2:") || cells.contains("38;2;") == (most > 256))
        if most < 256 { #expect(!cells.contains("38;5;") && !cells.contains("48;5;")) }
        if most == 0 { #expect(cells.firstMatch(of: /\u{1B}\[(3[0-7]|4[0-7]|9[0-7])m/) == nil) }
    }
}
