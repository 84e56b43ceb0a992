import Foundation
import Testing

/// The built program in a tmux of its own: private socket, no configuration, a home of its own.
struct TmuxStudio {
    /// Nil where tmux is not installed.
    static let tmux = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/bin/tmux"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    let home: URL
    private let socket: String
    private let program: String

    /// Starts the studio in a window of this size.
    ///
    /// - Parameter step: milliseconds of a step of the fake backend.
    init(
        width: Int = 100, height: Int = 30, step: Int = 0, environment: [String: String] = [:],
        arguments: String = ""
    ) throws {
        program = try #require(Self.tmux)
        home = FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-studio-\(UUID().uuidString)")
        let config = home.appendingPathComponent("latent/config")
        try FileManager.default.createDirectory(at: config, withIntermediateDirectories: true)
        try "{ defaultBackend: \"fake\" }".write(
            to: config.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
        socket = home.appendingPathComponent("tmux").path
        var variables = [
            "LATENT_HOME=\(home.path)/latent", "LATENT_FAKE_BACKEND=\(step)", "LANG=C.UTF-8",
            "TZ=UTC", "EDITOR='sed -i s/lighthouse/windmill/'",
        ]
        variables += environment.map { "\($0.key)='\($0.value)'" }
        // The shell notes the terminal's settings before and after the studio.
        let script = """
            cd '\(home.path)'; stty -g > before; \
            sh -c 'echo $$ > pid; exec env \(variables.joined(separator: " ").replacingOccurrences(of: "'", with: "\""))  \
            \(CommandLineProgram.binary.path) \(arguments)'; \
            echo $? > status; stty -g > after; echo STUDIO-HAS-ENDED; cat
            """
        try run("-f", "/dev/null", "new-session", "-d", "-x", "\(width)", "-y", "\(height)", script)
    }

    /// Ends this tmux and nothing else.
    func end() {
        _ = try? run("kill-server")
        try? FileManager.default.removeItem(at: home)
    }

    /// Presses keys by tmux's names.
    func press(_ keys: String...) throws { try run(["send-keys"] + keys) }

    func type(_ text: String) throws { try run("send-keys", "-l", text) }

    func resize(width: Int, height: Int) throws {
        try run("resize-window", "-x", "\(width)", "-y", "\(height)")
    }

    /// The text on the screen.
    func screen() throws -> String { try run("capture-pane", "-p") }

    /// A format of tmux, such as `#{alternate_on}`.
    func state(_ format: String) throws -> String {
        try run("display-message", "-p", format).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Waits until the screen shows a text, at most 40 seconds.
    func until(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline {
            if try screen().contains(text) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("no \"\(text)\" on\n\(try screen())", sourceLocation: sourceLocation)
    }

    /// Whether the screen comes to show a text within two seconds.
    func shows(_ text: String) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < deadline {
            if try screen().contains(text) { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// Presses Esc and waits until a text is gone: what follows at once would be an Alt key.
    func escape(from text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try press("Escape")
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline {
            if try !screen().contains(text) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("\(text) stayed on\n\(try screen())", sourceLocation: sourceLocation)
    }

    /// A file that the shell around the studio wrote.
    func file(_ name: String) throws -> String {
        try String(contentsOf: home.appendingPathComponent(name), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Sends a signal to the studio's process.
    func signal(_ number: Int32) throws {
        let process = try #require(Int32(file("pid")))
        kill(process, number)
    }

    @discardableResult
    private func run(_ arguments: String...) throws -> String { try run(arguments) }

    /// Runs a command of tmux. Not by `Process`: it takes a command for running as long as the server
    /// that its first command leaves behind.
    @discardableResult
    private func run(_ arguments: [String]) throws -> String {
        let output = home.appendingPathComponent("output-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let words = [program, "-S", socket] + arguments
        let variables = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TERM=xterm-256color"]
        var process: pid_t = 0
        var argv = words.map { strdup($0) } + [nil]
        var environment = variables.map { strdup($0) } + [nil]
        defer { for text in argv + environment { free(text) } }
        let status = posix_spawn(&process, program, &actions, nil, &argv, &environment)
        guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .ENOENT) }
        var exit: Int32 = 0
        while waitpid(process, &exit, 0) < 0, errno == EINTR {}
        return String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self)
    }
}
