import Providers
import Synchronization

/// Ends an exchange that takes too long: one sleeping task for all of its waits.
final class ExchangeWatch: Sendable {
    private struct State {
        var lastByte = ContinuousClock.now
        var wait: (id: Int, cancel: @Sendable () -> Void)?
        var nextWait = 0
        var verdict: TransportError.Reason?
        var dog: Task<Void, Never>?
    }
    private let state = Mutex(State())

    /// Begins to count.
    init(limits: TransportLimits) {
        let start = ContinuousClock.now
        let idle = Duration.milliseconds(Int64(limits.idleSeconds * 1000))
        let end = limits.totalSeconds.map { start + .milliseconds(Int64($0 * 1000)) }
        let dog = Task { [weak self] in
            while let due = self?.due(idle: idle, end: end) {
                if due <= ContinuousClock.now {
                    self?.timeOut()
                    return
                }
                do {
                    try await Task.sleep(until: due, clock: .continuous)
                } catch {
                    return
                }
            }
        }
        state.withLock { $0.dog = dog }
    }

    deinit { state.withLock { $0.dog?.cancel() } }

    /// Why the exchange was ended, if this did it.
    var verdict: TransportError.Reason? { state.withLock { $0.verdict } }

    /// Notes that bytes came while somebody waits for more.
    func heard() { state.withLock { $0.lastByte = .now } }

    /// Stops counting.
    func end() { state.withLock { $0.dog?.cancel() } }

    /// Waits for `work`, which is cancelled when its time is over or the caller is.
    func guarding<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task = Task { try await work() }
        let id = state.withLock { state -> Int in
            state.nextWait += 1
            state.wait = (state.nextWait, { task.cancel() })
            if state.verdict != nil { task.cancel() }
            return state.nextWait
        }
        defer {
            state.withLock { state in
                if state.wait?.id == id { state.wait = nil }
                state.lastByte = .now
            }
        }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// When the watch barks next. Time in which nobody waits for bytes is not the server's.
    private func due(
        idle: Duration, end: ContinuousClock.Instant?
    ) -> ContinuousClock.Instant? {
        state.withLock { state in
            guard state.verdict == nil else { return nil }
            if state.wait == nil { state.lastByte = .now }
            let quiet = state.lastByte + idle
            return end.map { min($0, quiet) } ?? quiet
        }
    }

    private func timeOut() {
        let wait = state.withLock { state in
            state.verdict = .timedOut
            return state.wait
        }
        wait?.cancel()
    }
}
