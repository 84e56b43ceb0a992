import Foundation
import Generation

/// Where the key of a backend is found: never in the configuration itself.
public struct KeySource: Sendable {
    private let name: String
    private let settings: BackendSettings
    private let environment: [String: String]

    /// The source of the backend `name`.
    public init(name: String, settings: BackendSettings, environment: [String: String]) {
        self.name = name
        self.settings = settings
        self.environment = environment
    }

    /// Why a key cannot be had.
    public struct Problem: UserFacingError, Hashable {
        public let summary: String
        public let hint: String?
    }

    /// The key: from the variable that the configuration names, from its command, from its file, or
    /// from the kind's own variable; nil when none of these is there.
    ///
    /// - Throws: ``Problem`` when a place is named and gives nothing.
    public func key() async throws -> String? {
        if let variable = settings.keyVariable {
            guard let key = value(of: variable) else {
                throw problem(
                    "the variable \(printable(variable, limit: 60)) is not set",
                    hint: "set it, or change keyVariable in config.json")
            }
            return key
        }
        if let command = settings.keyCommand { return try await output(of: command) }
        if let file = settings.keyFile { return try content(of: file) }
        return settings.kind.keyVariable.flatMap { value(of: $0) }
    }

    private func value(of variable: String) -> String? {
        environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    private func problem(_ text: String, hint: String?) -> Problem {
        Problem(summary: "The key of \(printable(name, limit: 60)): \(text)", hint: hint)
    }

    /// A file that only its owner can read.
    private func content(of file: String) throws -> String {
        let path = (file as NSString).expandingTildeInPath
        let shown = printable(path, limit: 120)
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw problem("there is no file \(shown)", hint: "change keyFile in config.json")
        }
        guard status.st_mode & 0o077 == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw problem(
                "others can read the file \(shown) (mode \(mode))", hint: "chmod 600 \(shown)")
        }
        guard status.st_size <= 64 << 10, let data = FileManager.default.contents(atPath: path),
            let text = String(data: data, encoding: .utf8), let key = Self.firstLine(text)
        else { throw problem("the file \(shown) holds none", hint: nil) }
        return key
    }

    /// What a shell command prints, within 30 s. Its own messages are not shown: they could hold
    /// what it was asked for.
    private func output(of command: String) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.environment = environment
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw problem("the keyCommand cannot be run", hint: "try it in a shell")
        }
        let clock = Task {
            try await Task.sleep(for: .seconds(30))
            process.terminate()
        }
        defer { clock.cancel() }
        let data = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let data = pipe.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: data)
            }
        }
        guard process.terminationStatus == 0 else {
            throw problem(
                "the keyCommand ended with status \(process.terminationStatus)",
                hint: "try it in a shell")
        }
        guard let key = Self.firstLine(String(decoding: data.prefix(64 << 10), as: UTF8.self))
        else { throw problem("the keyCommand printed nothing", hint: "try it in a shell") }
        return key
    }

    private static func firstLine(_ text: String) -> String? {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init)
        return line.flatMap { line in
            let key = line.trimmingCharacters(in: .whitespaces)
            return key.isEmpty ? nil : key
        }
    }
}
