import Foundation
import Testing

@Suite("The studio when things break", .serialized, .timeLimit(.minutes(10)))
struct StudioFaultTests {
    private static let first = "a lighthouse on a cliff at sunset"

    /// A terminal that shows sixel pictures.
    private static let sixel: PtyStudio.Answers = {
        $0.contains("\u{1B}[c") ? "\u{1B}[6;20;10t\u{1B}[?1;0;256S\u{1B}[?62;4;22c" : ""
    }

    private func leave(_ studio: PtyStudio) async throws {
        // It asks when it has not heard yet that the last job has ended.
        studio.send("\u{11}y")
        #expect(try await studio.status() == 0)
        studio.expectRestored()
    }

    @Test("killed outright, text and waiting jobs are there at the next start")
    func killed() async throws {
        let studio = try PtyStudio(step: 20_000)
        try await studio.until("lighthouse")
        studio.send(" kept, 漢字 🦊\r\r")
        try await studio.until("step 1/")
        try await studio.untilDraft(Self.first + " kept, 漢字 🦊", waiting: 1)
        studio.signal(SIGKILL)
        #expect(try await studio.status() == SIGKILL)
        let next = try PtyStudio(home: studio.home)
        defer { next.end() }
        try await next.until("kept")
        try await next.until("1 job was interrupted")
        next.send(" on")
        try await next.untilDraft(Self.first + " kept, 漢字 🦊 on")
        // What waited comes back as it was and runs once the queue goes on.
        next.send("\u{1B}p")
        try await next.untilFinished(1)
        try await leave(next)
        #expect(try next.history().contains("interrupted"))
    }

    @Test("killed while it types, at any moment, what was saved is whole, and typing is saved soon")
    func killedWhileTyping() async throws {
        var home: URL?
        for pause in [0, 130, 370, 520, 760] {
            let studio = try PtyStudio(width: 140, home: home)
            home = studio.home
            try await studio.until("lighthouse")
            studio.send("\u{1B}a")
            let text = (0..<200).map { "\($0) " }.joined()
            for (number, part) in text.split(separator: " ").enumerated() {
                studio.send(part + " ")
                try await Task.sleep(for: .milliseconds(5))
                // It is saved while the typing goes on.
                if number == 99 { try await studio.untilDraft(beginsWith: "0 1 2 3 ") }
            }
            try await Task.sleep(for: .milliseconds(pause))
            // And after the last word, without another key.
            if pause > 700 { try await studio.untilDraft(text) }
            studio.signal(SIGKILL)
            _ = try await studio.status()
            let draft = try #require(studio.draft)
            #expect(draft.hasPrefix("0 1 2 3 "))
            #expect(text.hasPrefix(draft))
            if pause > 700 {
                #expect(draft == text)
                studio.end()
            }
            // Every start begins with what was first there.
            try? FileManager.default.removeItem(
                at: studio.home.appendingPathComponent("latent/state"))
        }
    }

    @Test(
        "ended in the middle of a picture, the terminal listens again",
        arguments: [SIGTERM, SIGHUP, SIGINT, SIGABRT, SIGSEGV, SIGQUIT])
    func insidePicture(number: Int32) async throws {
        let studio = try PtyStudio(width: 150, height: 50, answers: Self.sixel)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\u{1B}4z")
        // A small picture may fit into what the line keeps: then the next one is tried.
        for _ in 0..<20 {
            studio.hold(at: "\u{1B}P0;1;0q")
            studio.send("\r")
            if try await studio.isHeld(within: .seconds(2)) { break }
            studio.release()
        }
        #expect(try await studio.isHeld())
        studio.signal(number)
        try await Task.sleep(for: .milliseconds(100))
        studio.release()
        let status = try await studio.status()
        studio.expectRestored()
        studio.expectNoOpenString()
        let isCaught = [SIGTERM, SIGHUP, SIGINT].contains(number)
        #expect(isCaught ? status & 0x7F == 0 : status & 0x7F == number)
    }

    @Test(
        "a terminal that reads no more holds nobody up",
        arguments: [SIGTERM, SIGHUP, SIGINT, SIGABRT])
    func standstill(number: Int32) async throws {
        let studio = try PtyStudio(width: 200, height: 60, step: 20_000)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send(" kept\r")
        try await studio.until("step ")
        try await studio.untilDraft(Self.first + " kept")
        studio.hold(at: "step ")
        // Each repaints the whole screen, until the line takes no more.
        for number in 0..<100 {
            studio.resize(width: 200 - number % 2, height: 60)
            if try await studio.isHeld(within: .milliseconds(100)) { break }
        }
        #expect(try await studio.isHeld())
        studio.signal(number)
        let status = try await studio.exitStatus()
        #expect(number == SIGABRT ? status & 0x7F == number : status == 0)
        #expect(studio.draft == Self.first + " kept")
        if number != SIGABRT { #expect(try studio.history().contains("cancelled")) }
        studio.release()
        try await studio.untilRead()
        studio.expectRestored()
    }

    @Test("a connection that is cut keeps the text and ends the job")
    func cut() async throws {
        let studio = try PtyStudio(step: 20_000)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send(" kept\r")
        try await studio.until("step ")
        studio.hangUp()
        _ = try await studio.status()
        #expect(studio.draft == Self.first + " kept")
        let history = try studio.history()
        #expect(history.contains("cancelled"))
        #expect(!history.contains("running"))
    }

    @Test("a signal ends the running job, and the journal says so", arguments: [SIGTERM, SIGHUP])
    func journalAfterSignal(number: Int32) async throws {
        let studio = try PtyStudio(step: 20_000)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\r")
        try await studio.until("step ")
        studio.signal(number)
        _ = try await studio.status()
        let history = try studio.history()
        #expect(history.contains("cancelled"))
        #expect(!history.contains("running"))
    }

    @Test("a picture that is deleted while it is shown is told in one sentence, where it is missed")
    func deletedPicture() async throws {
        let studio = try PtyStudio(width: 130, height: 41, answers: Self.sixel)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\r")
        try await studio.untilFinished(1)
        studio.send(", again\r")
        try await studio.untilFinished(2)
        try await studio.untilShown("1/2")
        let images = studio.home.appendingPathComponent("latent/data/images")
        try FileManager.default.removeItem(at: images)
        // Redrawing, zooming and moving need no file.
        studio.send("\u{0C}\u{1B}4++-0og")
        studio.resize(width: 128, height: 40)
        studio.send("\u{1B}5")
        try await Task.sleep(for: .milliseconds(300))
        #expect(!studio.written.contains("cannot be read"))
        studio.send("j")
        try await studio.until("could not be read")
        try await studio.until("The picture's file cannot be read.")
        studio.send("TTkj")
        try await leave(studio)
        studio.expectNoOpenString()
        // At the next start neither small nor large pictures are there.
        let next = try PtyStudio(width: 130, height: 41, home: studio.home, answers: Self.sixel)
        try await next.until("The picture's file cannot be read.")
        next.send("\r")
        try await next.untilFinished(3)
        try await leave(next)
    }

    @Test("others write, delete and break off in the middle of a line while the studio works")
    func otherWriters() async throws {
        let studio = try PtyStudio(width: 130, height: 41, step: 20)
        defer { studio.end() }
        try await studio.until("lighthouse")
        var program = try CommandLineProgram()
        defer { program.remove() }
        program.environment["LATENT_HOME"] = studio.home.appendingPathComponent("latent").path
        studio.send("\r")
        for prompt in ["a red boat", "a blue boat"] {
            let result = try await program.runAside(
                "generate", prompt, "-b", "fake", "-o", program.path("boat.png"))
            #expect(result.status == 0, "\(result.errors)")
        }
        try await studio.until("red boat")
        try await studio.until("blue boat")
        // Somebody was killed in the middle of a line.
        let sessions = studio.home.appendingPathComponent("latent/data/sessions")
        for name in try FileManager.default.contentsOfDirectory(atPath: sessions.path)
        where name.hasSuffix(".jsonl") {
            let file = try FileHandle(forWritingTo: sessions.appendingPathComponent(name))
            try file.seekToEnd()
            try file.write(contentsOf: Data("{\"v\":1,\"event\":\"star".utf8))
            try file.close()
        }
        let star = try await program.runAside("history", "star", "last")
        #expect(star.status == 0, "\(star.errors)")
        try await studio.until("★")
        studio.send(" and more\r")
        try await studio.untilFinished(4)
        try await leave(studio)
        let history = try studio.history()
        #expect(history.components(separatedBy: "\"finished\"").count == 5, "\(history)")
    }
}
