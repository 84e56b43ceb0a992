import Foundation
import Generation
import Synchronization

/// The two ways out: stdout for machines, stderr for people.
final class Console: Sendable {
    /// Whether people watch stderr, so that a progress bar may be drawn.
    let isInteractive: Bool
    /// Columns of the terminal behind stderr.
    let columns: Int
    /// Whether a progress line is on the screen that must be cleared before other text.
    private let hasProgressLine = Mutex(false)
    /// The first error of stdout in this process, an `errno` value; a reader that left is none.
    private static let outputFailure = Mutex<Int32?>(nil)

    init() {
        isInteractive = isatty(STDERR_FILENO) == 1
        var size = winsize()
        let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        columns = isKnown ? Int(size.ws_col) : 80
    }

    /// Why something on stdout was lost, in words; nil when nothing was.
    static var outputProblem: String? {
        outputFailure.withLock { $0 }.map {
            "stdout could not be written: \(String(cString: strerror($0)))"
        }
    }

    /// Machine output: a line on stdout; ``outputProblem`` tells what was lost.
    func printOut(_ text: String) {
        write(Array((text + "\n").utf8), to: STDOUT_FILENO)
    }

    /// Bytes on stdout as they are.
    func printOut(bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

    /// A line for people.
    func note(_ text: String) {
        clearProgress()
        write(Array((text + "\n").utf8), to: STDERR_FILENO)
    }

    /// A failure for people.
    func complain(_ text: String) { note("latent: " + text) }

    /// Replaces the progress line; nothing happens where nobody watches.
    func progress(_ line: String) {
        guard isInteractive else { return }
        hasProgressLine.withLock { $0 = true }
        write(Array(("\r\u{1B}[K" + line).utf8), to: STDERR_FILENO)
    }

    /// Removes the progress line.
    func clearProgress() {
        let hadLine = hasProgressLine.withLock { line in
            defer { line = false }
            return line
        }
        if hadLine { write(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO) }
    }

    private static func keepFailure(_ code: Int32) {
        guard code != EPIPE else { return }
        outputFailure.withLock { $0 = $0 ?? code }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    return descriptor == STDOUT_FILENO ? Self.keepFailure(errno) : ()
                }
                done += count
            }
        }
    }
}
