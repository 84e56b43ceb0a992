import Foundation
import Generation
import Glibc
import Hashing
import History
import Settings

/// A process for the crash tests to kill: appends jobs to the journal in `LATENT_HOME` as fast as it
/// can and prints each identifier once the job's last record is in the file.
///
/// `journal-writer [--file-limit BYTES]`: with a limit, files cannot grow beyond it, as on a full
/// disk; the process then prints `refused` and ends.
@main
struct JournalWriter {
    static func main() throws {
        let arguments = CommandLine.arguments
        if let flag = arguments.firstIndex(of: "--file-limit"), flag + 1 < arguments.count,
            let bytes = UInt(arguments[flag + 1])
        {
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
            setrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
        }
        let identity = EngineIdentity(program: "journal-writer", build: "1", cpuFeatures: [])
        let session = JournalStore(folders: .current).joinDailySession(identity)
        do {
            for number in 0... { report("\(try run(number, in: session))") }
        } catch let error as JournalError {
            report("refused \(error.summary)")
        }
    }

    private static func run(_ number: Int, in session: SessionWriter) throws -> ULID {
        var request = GenerationRequest(prompt: "job \(number) of \(getpid()) 🦊")
        request.negativePrompt = String(repeating: "word ", count: number % 700)
        request.seeds = [UInt64(number)]
        let job = try session.queue(QueuedJob(request: request))
        try session.started(job)
        let image = SavedImage(
            index: 0, path: "images/\(job).png", seed: UInt64(number), width: 64, height: 64,
            pixelsSHA256: String(repeating: "0", count: 64))
        try session.finished(job, FinishedJob(images: [image]))
        return job
    }

    /// One unbuffered line, so that a killed process has told everything that was done.
    private static func report(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}
