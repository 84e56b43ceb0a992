import Foundation
import Testing

@testable import Terminal

/// The probe against a pseudo-terminal whose other side answers as told.
@Suite struct TerminalProbeTests {
    /// Opens a pty: the side of the terminal emulator, and ours.
    private static func openTerminal() throws -> (emulator: Int32, ours: Int32) {
        var (emulator, ours): (Int32, Int32) = (-1, -1)
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 800, ws_ypixel: 480)
        try #require(openpty(&emulator, &ours, nil, nil, &size) == 0)
        return (emulator, ours)
    }

    private static func probe(
        answering replies: [String], timeout: Duration
    ) throws -> TerminalProbe.Result {
        let (emulator, ours) = try openTerminal()
        defer {
            close(emulator)
            close(ours)
        }
        // The answers wait in the pty before the questions are asked; the order is the terminal's.
        for reply in replies {
            let bytes = Array(reply.utf8)
            #expect(write(emulator, bytes, bytes.count) == bytes.count)
        }
        let probe = TerminalProbe(
            input: ours, output: ours, environment: ["TERM": "xterm-256color"])
        var before = termios()
        tcgetattr(ours, &before)
        let result = probe.run(timeout: timeout)
        var after = termios()
        tcgetattr(ours, &after)
        #expect(before.c_lflag == after.c_lflag, "the terminal is as it was")
        return result
    }

    @Test func answersAreReadAndKeysKept() throws {
        // The line discipline holds bytes back until a line ends while it is in line mode.
        let result = try Self.probe(
            answering: ["k\u{1B}[6;20;10t\u{1B}[?62;4c"], timeout: .seconds(30))
        #expect(result.capabilities.supportsSixel)
        #expect(result.typed == Array("k".utf8))
        #expect(result.pending == nil)
        #expect(result.capabilities.cells == .init(width: 80, height: 24))
    }

    @Test func aSilentTerminalEndsByTheTimeout() throws {
        let result = try Self.probe(answering: [], timeout: .milliseconds(50))
        #expect(!result.capabilities.answered)
        #expect(result.pending != nil)
        #expect(result.capabilities.cellPixels == .init(width: 10, height: 20), "from the kernel")
        #expect(GraphicsProtocol.best(for: result.capabilities) == .blocks256)
    }

    @Test func withoutATerminalNothingIsAsked() {
        let (read, write) = (open("/dev/null", O_RDONLY), open("/dev/null", O_WRONLY))
        defer {
            close(read)
            close(write)
        }
        let result = TerminalProbe(input: read, output: write, environment: [:]).run()
        #expect(!result.capabilities.answered)
        #expect(result.typed.isEmpty)
    }

    @Test(arguments: [
        (["TERM": "xterm-256color"], TerminalCapabilities.ColorDepth.palette256),
        (["TERM": "xterm-256color", "COLORTERM": "truecolor"], .trueColor),
        (["TERM": "linux"], .sixteen), (["TERM": "dumb"], .monochrome),
        (["TERM": "vt100"], .monochrome), ([:], .monochrome),
        (["TERM": "xterm-direct", "NO_COLOR": "1"], .monochrome),
        (["TERM": "xterm-direct", "NO_COLOR": ""], .trueColor),
    ])
    func coloursComeFromHints(
        _ environment: [String: String], _ expected: TerminalCapabilities.ColorDepth
    ) {
        var known = TerminalCapabilities()
        TerminalHints.apply(environment: environment, to: &known)
        TerminalHints.refine(environment: environment, &known)
        #expect(known.colorDepth == expected)
    }

    @Test func theLastQuestionIsTheOneThatAllAnswer() {
        let query = String(decoding: ProbeQuery.bytes(.full, passthrough: true), as: UTF8.self)
        #expect(query.hasSuffix("\u{1B}[c"))
        #expect(query.contains("\u{1B}Ptmux;\u{1B}\u{1B}_G"))
        #expect(ProbeQuery.bytes(.cautious, passthrough: false) == Array("\u{1B}[c".utf8))
    }
}
