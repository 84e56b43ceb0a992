import Foundation
import Synchronization
import Testing

/// The built program on a raw pseudo-terminal whose other side is the test: it answers queries as
/// it likes, and sees every byte.
final class PtyStudio: Sendable {
    let home: URL
    private let emulator: Int32
    /// Our own view of the terminal, kept open so that its settings can be read at any time.
    private let terminal: Int32
    let process: pid_t
    private let before: [UInt8]
    private let box = OutputBox()
    private let line = Line()

    /// What a terminal answers to a piece of output; empty for nothing.
    typealias Answers = @Sendable (_ output: String) -> String

    /// A terminal that answers device attributes and nothing else.
    static let plain: Answers = { $0.contains("\u{1B}[c") ? "\u{1B}[?62;22c" : "" }
    static let silent: Answers = { _ in "" }

    /// Starts the studio with the fake backend.
    ///
    /// - Parameters:
    ///   - step: milliseconds of a step.
    ///   - configuration: the content of `config.json`.
    ///   - script: what a shell with job control runs instead; `$PROGRAM` is the program.
    ///   - home: the home of an earlier studio, to go on there; nil: a new one.
    init(
        width: Int = 100, height: Int = 30, step: Int = 0,
        configuration: String = "{ defaultBackend: \"fake\" }", script: String? = nil,
        home: URL? = nil,
        environment: [String: String] = [:], answers: @escaping Answers = PtyStudio.plain
    ) throws {
        let ownHome =
            home
            ?? FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-pty-\(UUID().uuidString)")
        self.home = ownHome
        let config = ownHome.appendingPathComponent("latent/config")
        try FileManager.default.createDirectory(at: config, withIntermediateDirectories: true)
        try configuration.write(
            to: config.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
        var (emulator, terminal): (Int32, Int32) = (-1, -1)
        var size = winsize(
            ws_row: UInt16(height), ws_col: UInt16(width), ws_xpixel: UInt16(width * 10),
            ws_ypixel: UInt16(height * 20))
        var device = [CChar](repeating: 0, count: 256)
        try #require(openpty(&emulator, &terminal, &device, nil, &size) == 0)
        self.emulator = emulator
        self.terminal = terminal
        _ = fcntl(emulator, F_SETFD, FD_CLOEXEC)
        _ = fcntl(terminal, F_SETFD, FD_CLOEXEC)
        before = Self.settings(terminal)
        var variables = [
            "LATENT_HOME": ownHome.appendingPathComponent("latent").path, "HOME": ownHome.path,
            "LATENT_FAKE_BACKEND": String(step), "LANG": "C.UTF-8", "TZ": "UTC",
            "PATH": "/usr/bin:/bin", "TMPDIR": ownHome.path, "TERM": "xterm-256color",
        ]
        variables.merge(environment) { $1 }
        let program = CommandLineProgram.binary.path
        variables["PROGRAM"] = program
        let words = script.map { ["/bin/sh", "-m", "-c", $0] } ?? [program]
        process = try Self.spawn(words, on: device, variables)
        let (seen, descriptor, held) = (box, emulator, line)
        Thread.detachNewThread { Self.read(descriptor, into: seen, held, answers) }
    }

    /// What the program has written.
    private final class OutputBox: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// The line between program and terminal.
    private final class Line: Sendable {
        struct State {
            /// What makes the terminal stop reading.
            var holdsAt: Data?
            var isHeld = false
            var isCut = false
        }

        let state = Mutex(State())
    }

    /// Reads until the other side is closed or the line is cut, and answers.
    private static func read(
        _ descriptor: Int32, into box: OutputBox, _ line: Line, _ answers: Answers
    ) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let (isHeld, isCut, limit) = line.state.withLock {
                ($0.isHeld, $0.isCut, $0.holdsAt == nil ? 65536 : 256)
            }
            if isCut { break }
            var ready = pollfd(fd: isHeld ? -1 : descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 10) > 0 else { continue }
            let count = Foundation.read(descriptor, &buffer, limit)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            let all = box.bytes.withLock { bytes in
                bytes += buffer[..<count]
                return bytes.suffix(count + 64)
            }
            line.state.withLock { state in
                guard let text = state.holdsAt, Data(all).range(of: text) != nil else { return }
                state.holdsAt = nil
                state.isHeld = true
            }
            let answer = Array(answers(String(decoding: buffer[..<count], as: UTF8.self)).utf8)
            if !answer.isEmpty { _ = Foundation.write(descriptor, answer, answer.count) }
        }
        close(descriptor)
    }

    /// A session leader whose controlling terminal is `device`.
    private static func spawn(
        _ words: [String], on device: [CChar], _ variables: [String: String]
    ) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        // SETSID | SETSIGDEF | SETSIGMASK
        posix_spawnattr_setflags(&attributes, 0x80 | 0x04 | 0x08)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, device, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var argv = words.map { strdup($0) } + [nil]
        var environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for text in argv { free(text) }
            for text in environment { free(text) }
        }
        var process: pid_t = 0
        try #require(
            posix_spawn(&process, words[0], &actions, &attributes, &argv, &environment) == 0)
        return process
    }

    /// The terminal's settings as bytes, as `stty -g` would print them.
    private static func settings(_ descriptor: Int32) -> [UInt8] {
        var settings = termios()
        tcgetattr(descriptor, &settings)
        return withUnsafeBytes(of: &settings) { Array($0) }
    }

    /// Ends what is left of it.
    func end() {
        if kill(process, 0) == 0 {
            kill(process, SIGKILL)
            var status: Int32 = 0
            waitpid(process, &status, 0)
        }
        close(terminal)
        hangUp()
        try? FileManager.default.removeItem(at: home)
    }

    // MARK: The person and the terminal

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(emulator, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func resize(width: Int, height: Int) {
        var size = winsize(
            ws_row: UInt16(height), ws_col: UInt16(width), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(emulator, UInt(TIOCSWINSZ), &size)
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// The connection is gone, as when a window is closed.
    func hangUp() { line.state.withLock { $0.isCut = true } }

    /// The terminal stops reading soon after the next text of this kind.
    func hold(at text: String) { line.state.withLock { $0.holdsAt = Data(text.utf8) } }

    /// Whether the terminal stops reading within a time, and the line takes no more then.
    func isHeld(within time: Duration = .seconds(20)) async throws -> Bool {
        var writable = pollfd(fd: terminal, events: Int16(POLLOUT), revents: 0)
        let deadline = ContinuousClock.now + time
        repeat {
            if line.state.withLock({ $0.isHeld }), poll(&writable, 1, 0) == 0 { return true }
            try await Task.sleep(for: .milliseconds(20))
        } while ContinuousClock.now < deadline
        return false
    }

    /// The terminal goes on reading.
    func release() { line.state.withLock { $0.isHeld = false } }

    /// Everything that was written so far.
    var written: String { String(decoding: box.bytes.withLock { $0 }, as: UTF8.self) }

    /// A file in the home that the script wrote.
    func file(_ name: String) throws -> String {
        try String(contentsOf: home.appendingPathComponent(name), encoding: .utf8)
    }

    /// Waits until the program has written a text.
    func until(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let wanted = Data(text.utf8)
        try await wait("\"\(text)\" was not written", sourceLocation) {
            self.box.bytes.withLock { Data($0).range(of: wanted) != nil }
        }
    }

    /// What is read of a saved draft.
    private struct SavedDraft: Decodable {
        struct Waiting: Decodable {}
        let prompt: String
        let waiting: [Waiting]?
    }

    private var savedDraft: SavedDraft? {
        let file = home.appendingPathComponent("latent/state/draft.json")
        return (try? Data(contentsOf: file))
            .flatMap { try? JSONDecoder().decode(SavedDraft.self, from: $0) }
    }

    /// The saved draft's prompt.
    var draft: String? { savedDraft?.prompt }

    /// Waits until the saved draft is as wanted; it is saved half a second after a change.
    func untilDraft(
        _ prompt: String, waiting: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await wait("the draft is \((draft ?? "").debugDescription.prefix(300))", sourceLocation)
        {
            guard let saved = self.savedDraft, saved.prompt == prompt else { return false }
            return waiting == nil || saved.waiting?.count == waiting
        }
    }

    /// Waits until the saved draft begins so.
    func untilDraft(
        beginsWith words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await wait("the draft is \((draft ?? "").debugDescription.prefix(300))", sourceLocation)
        {
            self.draft?.hasPrefix(words) == true
        }
    }

    /// Waits until the journal has so many finished jobs.
    func untilFinished(
        _ count: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let folder = home.appendingPathComponent("latent/data/sessions")
        try await wait("there are not \(count) finished jobs", sourceLocation) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            let text = names.filter { $0.hasSuffix(".jsonl") }.compactMap {
                try? String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
            }.joined()
            return text.components(separatedBy: "\"record\":\"finished\"").count == count + 1
        }
        // The studio hears of it a moment later.
        try await Task.sleep(for: .milliseconds(100))
    }

    /// Waits until so many pictures lie in the journal.
    func untilPictures(
        _ count: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let folder = home.appendingPathComponent("latent/data/images").path
        try await wait("there are not \(count) pictures", sourceLocation) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.filter { $0.hasSuffix(".png") }.count == count
        }
    }

    /// Waits, at most 40 seconds, for the program to end or stop.
    ///
    /// - Returns: the status that `waitpid` gives.
    func status(_ options: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation)
        async throws -> Int32
    {
        let status = try await exitStatus(options, sourceLocation: sourceLocation)
        try await untilRead(sourceLocation: sourceLocation)
        return status
    }

    /// Waits for the program to end or stop, whether or not its output is read.
    func exitStatus(_ options: Int32 = 0, sourceLocation: SourceLocation = #_sourceLocation)
        async throws -> Int32
    {
        let found = Mutex<Int32>(-1)
        try await wait("the program did not end", sourceLocation) {
            var status: Int32 = 0
            guard waitpid(self.process, &status, options | WNOHANG) == self.process else {
                return false
            }
            found.withLock { $0 = status }
            return true
        }
        return found.withLock { $0 }
    }

    /// Waits for what it has written last, which is still on its way to us.
    func untilRead(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        // A mark of our own passes the line last: what came before it has been read by then.
        let mark = Array("\u{0}\(UUID().uuidString)\u{0}".utf8)
        let isSent = Mutex(false)
        try await wait("its output is not read", sourceLocation) {
            if line.state.withLock({ $0.isCut }) { return true }
            isSent.withLock { isSent in
                var writable = pollfd(fd: terminal, events: Int16(POLLOUT), revents: 0)
                guard !isSent, poll(&writable, 1, 0) == 1 else { return }
                isSent = write(terminal, mark, mark.count) == mark.count
            }
            return box.bytes.withLock { bytes in
                guard let found = Data(bytes).range(of: Data(mark)) else { return false }
                bytes.removeSubrange(found)
                return true
            }
        }
    }

    /// Redraws the whole screen until it shows a text: of what only changed, the terminal gets
    /// the changed letters alone.
    func untilShown(
        _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let wanted = Data(text.utf8)
        let start = box.bytes.withLock { $0.count }
        let next = Mutex(ContinuousClock.now)
        try await wait("\"\(text)\" is not shown", sourceLocation) {
            let isDue = next.withLock { next in
                guard next <= .now else { return false }
                next = .now + .milliseconds(300)
                return true
            }
            if isDue { self.send("\u{0C}") }
            return self.box.bytes.withLock { Data($0[start...]).range(of: wanted) != nil }
        }
    }

    private func wait(
        _ failure: @autoclosure () -> String, _ sourceLocation: SourceLocation,
        _ isDone: () -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            if isDone() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record(
            "\(failure()); the end of the output is \(written.suffix(300).debugDescription)",
            sourceLocation: sourceLocation)
    }

    /// Checks that the terminal is as it was before: settings, screen, cursor, mouse, paste.
    func expectRestored(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(Self.settings(terminal) == before, "stty", sourceLocation: sourceLocation)
        for (set, reset) in [
            ("\u{1B}[?1049h", "\u{1B}[?1049l"), ("\u{1B}[?1002h", "\u{1B}[?1002l"),
            ("\u{1B}[?1006h", "\u{1B}[?1006l"), ("\u{1B}[?2004h", "\u{1B}[?2004l"),
            ("\u{1B}[?25l", "\u{1B}[?25h"), ("\u{1B}[?1036h", "\u{1B}[?1036r"),
            ("\u{1B}[?2026h", "\u{1B}[?2026l"),
        ] {
            let text = written
            guard let last = text.range(of: set, options: .backwards) else { continue }
            #expect(
                text[last.upperBound...].contains(reset), "\(set.debugDescription) is still on",
                sourceLocation: sourceLocation)
        }
    }
}

extension PtyStudio {
    /// Checks that no control string is left open, which would swallow what the shell writes, and
    /// that nothing is written after the way out.
    func expectNoOpenString(sourceLocation: SourceLocation = #_sourceLocation) {
        let bytes = Array(written.utf8)
        var begin: Int?
        for index in bytes.indices.dropLast() where bytes[index] == 0x1B {
            begin = "P_]^X".utf8.contains(bytes[index + 1]) ? index : nil
        }
        if let start = begin, bytes[start + 1] == UInt8(ascii: "]"), bytes[start...].contains(7) {
            begin = nil
        }
        #expect(begin == nil, "a control string is open", sourceLocation: sourceLocation)
        let rest = written.components(separatedBy: "\u{1B}[?1049l").last ?? ""
        #expect(rest.utf8.count < 64, "\(rest.prefix(200))", sourceLocation: sourceLocation)
    }

    /// What `latent history list` says, as lines of JSON.
    func history() throws -> String {
        var program = try CommandLineProgram()
        defer { program.remove() }
        program.environment["LATENT_HOME"] = home.appendingPathComponent("latent").path
        return try program.run("history", "list", "--json").output
    }
}
