import FakeServers
import Foundation
import Testing

/// A program that dies while it holds a key: what it leaves behind does not have the key.
@Suite("Crashes with a key at hand", .serialized, .timeLimit(.minutes(10)))
struct CrashReportTests {
    /// The fullest report that Swift's runtime can make.
    private static let backtraces = [
        "SWIFT_BACKTRACE": "enable=yes,color=no,threads=all,registers=all,images=all,"
            + "interactive=no,symbolicate=off"
    ]

    private func traces(below home: URL) -> Data {
        let files = FileManager.default.enumerator(at: home, includingPropertiesForKeys: nil)
        return (files?.allObjects as? [URL] ?? []).reduce(into: Data()) { data, url in
            data += (try? Data(contentsOf: url)) ?? Data()
        }
    }

    @Test(
        "the key is in no report, and there is no core",
        arguments: [SIGABRT, SIGSEGV], ["environment", "command", "file"])
    func commandLine(signal: Int32, source: String) async throws {
        let fake = try await FakeInference.start(key: "inf_never_to_be_seen_again")
        fake.behave { $0.outcome = .never }
        let key = try #require(fake.key)
        var program = try CommandLineProgram()
        defer { program.remove() }
        program.environment.merge(Self.backtraces) { $1 }
        var more = ""
        let file = try KeyFile(key)
        defer { file.remove() }
        switch source {
        case "environment": program.environment["INFERENCE_API_KEY"] = key
        case "file": more = #", keyFile: "\#(file.path)""#
        // Not on disk in one piece, so that finding it there means that it was written.
        default: more = #", keyCommand: "printf inf_never_%s to_be_seen_again""#
        }
        let folder = program.home.appendingPathComponent("latent/config")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(
            """
            {backends: {mine: {kind: "inferencesh", baseURL: "\(fake.baseURL)" \(more)}}}
            """.utf8
        ).write(to: folder.appendingPathComponent("config.json"))
        program.environment["LATENT"] = CommandLineProgram.binary.path
        let running = try CommandLineProgram.Running(
            program, executable: URL(fileURLWithPath: "/bin/sh"),
            [
                "-c",
                "ulimit -c unlimited 2> /dev/null; exec \"$LATENT\" generate x -b mine -o a.png",
            ],
            input: Data())
        let isFollowing = await fake.server.waitForRequests(within: .seconds(60)) { requests in
            requests.contains { $0.path.hasSuffix("/stream") }
        }
        #expect(isFollowing)
        running.send(signal)
        // The runtime's handler writes its report and returns: a fault would come again by itself. A
        // second signal while it writes can leave the process hanging, neither alive nor ended.
        try await running.untilCrashIsReported()
        while running.isRunning {
            running.send(signal)
            try await Task.sleep(for: .seconds(1))
        }
        let outcome = try await running.ended()
        #expect(outcome.status != 0)
        #expect(!(outcome.output + outcome.errors).contains(key))
        #expect(traces(below: program.home).range(of: Data(key.utf8)) == nil)
        #expect(!program.files.contains { $0.hasPrefix("core") })
        await fake.stop()
    }

    @Test(
        "the studio's last words do not have it either", arguments: [SIGABRT, SIGSEGV],
        ["environment", "file"])
    func studio(signal: Int32, source: String) async throws {
        let fake = try await FakeInference.start(key: "inf_never_to_be_seen_again")
        fake.behave { $0.outcome = .never }
        let key = try #require(fake.key)
        let file = try KeyFile(key)
        defer { file.remove() }
        let isFile = source == "file"
        let studio = try PtyStudio(
            configuration: """
                {defaultBackend: "mine", backends: {mine: {kind: "inferencesh",
                  baseURL: "\(fake.baseURL)" \(isFile ? ", keyFile: \"\(file.path)\"" : "")}}}
                """,
            environment: Self.backtraces.merging(isFile ? [:] : ["INFERENCE_API_KEY": key]) { $1 })
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\r")
        let isFollowing = await fake.server.waitForRequests(within: .seconds(60)) { requests in
            requests.contains { $0.path.hasSuffix("/stream") }
        }
        #expect(isFollowing)
        studio.signal(signal)
        _ = try await studio.status()
        try await studio.until("\u{1B}[?1049l")
        studio.expectRestored()
        #expect(!studio.written.contains(key))
        #expect(traces(below: studio.home).range(of: Data(key.utf8)) == nil)
        await fake.stop()
    }
}

/// A key in a file of its owner alone, outside of every home.
struct KeyFile {
    let path: String

    init(_ key: String) throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent(
                "latent-key-\(UUID().uuidString)"
            ).path
        let isMade = FileManager.default.createFile(
            atPath: path, contents: Data(key.utf8), attributes: [.posixPermissions: 0o600])
        guard isMade else { throw CocoaError(.fileWriteUnknown) }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
