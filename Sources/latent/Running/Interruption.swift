import CSignals
import Dispatch
import Foundation
import Synchronization

/// Turns SIGINT and SIGTERM into the cancellation of a task.
final class Interruption: Sendable {
    private let signalCount = Mutex(0)

    /// Runs `body`; the first signal cancels it, a second one ends the program at once.
    ///
    /// The signals are caught before the body starts, so that none of its work can be cut off by
    /// their default action.
    ///
    /// - Throws: what the body throws, `CancellationError` after a signal.
    static func cancelling<Value: Sendable>(
        console: Console, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let descriptor = csignals_catch()
        let task = Task { try await body() }
        guard descriptor >= 0 else { return try await task.value }
        let interruption = Interruption()
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler {
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) == 1 {
                guard interruption.isFirstSignal() else {
                    _exit(ExitStatus.interrupted.rawValue)
                }
                console.note("Stopping; once more ends at once")
                task.cancel()
            }
        }
        source.setCancelHandler { csignals_release() }
        source.resume()
        defer { source.cancel() }
        return try await task.value
    }

    private func isFirstSignal() -> Bool {
        signalCount.withLock { count in
            count += 1
            return count == 1
        }
    }
}
