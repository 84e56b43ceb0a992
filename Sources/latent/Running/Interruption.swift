import Dispatch
import Foundation
import Synchronization

/// Turns SIGINT and SIGTERM into the cancellation of a task.
final class Interruption: Sendable {
    private let signalCount = Mutex(0)

    /// Runs `body`; the first signal cancels it, a second one ends the program at once.
    ///
    /// - Throws: what the body throws, `CancellationError` after a signal.
    static func cancelling<Value: Sendable>(
        console: Console, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let interruption = Interruption()
        let task = Task { try await body() }
        let sources = [SIGINT, SIGTERM].map { number in
            // The default action would end the process before the source hears of the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                guard interruption.isFirstSignal() else {
                    _exit(ExitStatus.interrupted.rawValue)
                }
                console.note("Stopping; once more ends at once")
                task.cancel()
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        return try await task.value
    }

    private func isFirstSignal() -> Bool {
        signalCount.withLock { count in
            count += 1
            return count == 1
        }
    }
}
