import Diffusion
import Foundation
import Generation

/// `latent bench --compare`: the committed script that times another library and this program in
/// turn.
struct BenchComparison {
    /// What Latent is compared with.
    enum Library: String, CaseIterable, Sendable {
        case torch, openvino
    }

    let library: Library
    /// A program of that name in $PATH, or a path.
    let python: String
    let options: EngineBenchmark.Options

    /// Runs the script with this process's streams.
    ///
    /// - Throws: ``BenchComparisonError``.
    func run() throws {
        guard let script = Self.script() else { throw BenchComparisonError.noScript }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                python, script.path, "--against", library.rawValue, "--part",
                options.part.rawValue, "-W", String(options.width), "-H", String(options.height),
                "--batch", String(options.batch), "--repeat", String(options.repeats),
                "--precision", options.precision.rawValue,
            ] + (Self.program().map { ["--latent", $0.path] } ?? [])
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchComparisonError.failed(python: python, status: process.terminationStatus)
        }
    }

    /// This program's file.
    private static func program() -> URL? {
        let link = "/proc/self/exe"
        return (try? FileManager.default.destinationOfSymbolicLink(atPath: link))
            .map { URL(fileURLWithPath: $0) }
    }

    /// The script in the clone that this program was built in, or that one works in.
    private static func script() -> URL? {
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        for start in [program(), here].compactMap(\.self) {
            var folder = start
            while folder.path != "/" {
                let file = folder.appendingPathComponent("Tests/Reference/compare_speed.py")
                if FileManager.default.fileExists(atPath: file.path) { return file }
                folder.deleteLastPathComponent()
            }
        }
        return nil
    }
}

/// Why nothing was compared.
enum BenchComparisonError: UserFacingError {
    case noScript
    case failed(python: String, status: Int32)

    var summary: String {
        switch self {
        case .noScript: "The comparison's script, Tests/Reference/compare_speed.py, was not found"
        case .failed(let python, let status):
            "\(printable(python)) ended the comparison with status \(status)"
        }
    }

    var hint: String? {
        switch self {
        case .noScript: "run it inside a clone of the repository"
        case .failed: "name a Python that has torch, diffusers and openvino with --python"
        }
    }
}
