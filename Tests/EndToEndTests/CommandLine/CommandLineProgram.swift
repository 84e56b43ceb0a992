import Foundation
import Testing

/// Runs the built binary in a world of its own: an empty home, the fake backend, nothing else of
/// this process's environment.
struct CommandLineProgram {
    /// What a run left behind.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        /// The JSON object on stdout.
        func object(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(object as? [String: Any], sourceLocation: sourceLocation)
        }
    }

    let home: URL
    var environment: [String: String]

    /// A program with a new home, removed by ``remove()``.
    init(fake: String = "0") throws {
        home = FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-cli-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: home.appendingPathComponent("work"), withIntermediateDirectories: true)
        environment = [
            "LATENT_HOME": home.appendingPathComponent("latent").path, "HOME": home.path,
            "LATENT_FAKE_BACKEND": fake, "LANG": "C.UTF-8", "TZ": "UTC", "PATH": "/usr/bin:/bin",
            "TMPDIR": home.path,
        ]
    }

    func remove() { try? FileManager.default.removeItem(at: home) }

    /// The working folder of every run.
    var work: URL { home.appendingPathComponent("work") }

    /// A path in the working folder.
    func path(_ name: String) -> String { work.appendingPathComponent(name).path }

    /// Names in the working folder, hidden ones too.
    var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: work.path)) ?? []).sorted()
    }

    /// All records of the journal.
    var journal: String {
        let folder = home.appendingPathComponent("latent/data/sessions")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".jsonl") }.sorted().compactMap {
            try? String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
        }.joined()
    }

    /// Runs to the end.
    func run(_ arguments: String..., input: Data = Data()) throws -> Outcome {
        try Running(self, executable: Self.binary, arguments, input: input).wait()
    }

    /// Runs the program while this process goes on serving it: waiting here would hold a thread that
    /// a server in the same process needs.
    func runAside(_ arguments: String...) async throws -> Outcome {
        let running = try Running(self, executable: Self.binary, arguments, input: Data())
        return try await running.ended()
    }

    /// Runs a shell command in which `$LATENT` is the binary.
    func shell(_ command: String) throws -> Outcome {
        var program = self
        program.environment["LATENT"] = Self.binary.path
        return try Running(
            program, executable: URL(fileURLWithPath: "/bin/sh"), ["-c", command], input: Data()
        ).wait()
    }

    /// As ``shell(_:)``, while this process goes on serving the command.
    func shellAside(_ command: String) async throws -> Outcome {
        var program = self
        program.environment["LATENT"] = Self.binary.path
        let shell = URL(fileURLWithPath: "/bin/sh")
        let running = try Running(
            program, executable: shell, ["-c", command], input: Data())
        return try await running.ended()
    }

    /// Starts and returns at once.
    func start(_ arguments: String...) throws -> Running { try start(arguments) }

    /// Starts and returns at once.
    func start(_ arguments: [String]) throws -> Running {
        try Running(self, executable: Self.binary, arguments, input: Data())
    }

    /// The binary lies beside the test bundle.
    static var binary: URL {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: link ?? CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("latent")
    }

    /// A run that goes on.
    final class Running {
        private let process = Process()
        private let output: URL
        private let errors: URL

        init(
            _ program: CommandLineProgram, executable: URL, _ arguments: [String], input: Data
        ) throws {
            let id = UUID().uuidString
            output = program.home.appendingPathComponent("\(id).out")
            errors = program.home.appendingPathComponent("\(id).err")
            let source = program.home.appendingPathComponent("\(id).in")
            for (file, data) in [(output, Data()), (errors, Data()), (source, input)] {
                try data.write(to: file)
            }
            process.executableURL = executable
            process.arguments = arguments
            process.environment = program.environment
            process.currentDirectoryURL = program.work
            process.standardInput = try FileHandle(forReadingFrom: source)
            process.standardOutput = try FileHandle(forWritingTo: output)
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
        }

        /// Waits until stderr has `text`, for at most 60 seconds.
        func waitForErrors(_ text: String) throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while true {
                // Asked first: what it writes last is there once it has ended.
                let isRunning = process.isRunning
                if try String(contentsOf: errors, encoding: .utf8).contains(text) { return }
                try #require(ContinuousClock.now < deadline, "stderr never had \(text)")
                try #require(isRunning, "the program ended before stderr had \(text)")
                usleep(2000)
            }
        }

        /// Waits until the runtime's report of a crash is on stderr and the process that wrote it is
        /// gone, for at most a minute.
        func untilCrashIsReported() async throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while process.isRunning {
                let text = try String(contentsOf: errors, encoding: .utf8)
                if text.contains("Backtrace took"), !hasChildren { break }
                try #require(ContinuousClock.now < deadline, "there is no report: \(text)")
                try await Task.sleep(for: .milliseconds(20))
            }
            try await Task.sleep(for: .milliseconds(300))
        }

        /// Whether a process has this one as its parent.
        private var hasChildren: Bool {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return names.contains { name in
                guard Int(name) != nil,
                    let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                    let end = text.lastIndex(of: ")")
                else { return false }
                let fields = text[text.index(after: end)...].split(separator: " ")
                return fields.count > 1 && Int32(fields[1]) == process.processIdentifier
            }
        }

        var isRunning: Bool { process.isRunning }

        func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

        /// Waits without holding a thread.
        func ended() async throws -> Outcome {
            while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
            return try wait()
        }

        func wait() throws -> Outcome {
            process.waitUntilExit()
            return Outcome(
                status: process.terminationStatus,
                output: try String(contentsOf: output, encoding: .utf8),
                errors: try String(contentsOf: errors, encoding: .utf8))
        }
    }
}
