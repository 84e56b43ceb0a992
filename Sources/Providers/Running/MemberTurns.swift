import Synchronization

/// Which member of a group is free, and which one rests. Jobs that find none wait in line without
/// asking again; whoever frees a member, or the end of a rest, calls the first that fits.
final class MemberTurns: Sendable {
    private struct Waiter {
        let id: Int
        let able: Set<Int>
        let turn: CheckedContinuation<Int?, Never>
    }
    private struct Members {
        var free: [Int]
        var restingUntil: [ContinuousClock.Instant]
        var failures: [Int]
        var next = 0
    }
    private struct State {
        var members: Members
        var nextID = 0
        var waiters: [Waiter] = []
        /// Jobs that were stopped before they stood in line.
        var left: Set<Int> = []
    }
    private let state: Mutex<State>

    init(places: [Int]) {
        state = Mutex(
            State(
                members: Members(
                    free: places.map { max(1, $0) },
                    restingUntil: places.map { _ in .now }, failures: places.map { _ in 0 })))
    }

    /// Waits for a free member of `able`, in turn; one that rests is asked only when its time is
    /// over.
    ///
    /// - Throws: `CancellationError`.
    func take(_ able: Set<Int>) async throws -> Int {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let index = await withTaskCancellationHandler {
            await withCheckedContinuation { turn in line(up: Waiter(id: id, able: able, turn: turn))
            }
        } onCancel: {
            leave(id)
        }
        state.withLock { _ = $0.left.remove(id) }
        guard let index else { throw CancellationError() }
        return index
    }

    private func line(up waiter: Waiter) {
        let isLeft = state.withLock { state in
            if !state.left.contains(waiter.id) { state.waiters.append(waiter) }
            return state.left.contains(waiter.id)
        }
        if isLeft { waiter.turn.resume(returning: nil) }
        callNext()
    }

    private func leave(_ id: Int) {
        let turn = state.withLock { state -> CheckedContinuation<Int?, Never>? in
            state.left.insert(id)
            guard let place = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiters.remove(at: place).turn
        }
        turn?.resume(returning: nil)
    }

    /// Gives out what is free, in the order of the line.
    private func callNext() {
        let called = state.withLock { state in
            var called: [(turn: CheckedContinuation<Int?, Never>, index: Int)] = []
            var line: [Waiter] = []
            for (place, waiter) in state.waiters.enumerated() {
                // A long line costs nothing while all are busy.
                guard state.members.free.contains(where: { $0 > 0 }) else {
                    line += state.waiters[place...]
                    break
                }
                if let index = Self.tryTake(waiter.able, &state.members) {
                    called.append((waiter.turn, index))
                } else {
                    line.append(waiter)
                }
            }
            state.waiters = line
            return called
        }
        for (turn, index) in called { turn.resume(returning: index) }
    }

    private static func tryTake(_ able: Set<Int>, _ members: inout Members) -> Int? {
        let now = ContinuousClock.now
        let count = members.free.count
        // Where all rest, the one that has rested longest is tried.
        let allRest = able.allSatisfy { members.restingUntil[$0] > now }
        let earliest = able.min { members.restingUntil[$0] < members.restingUntil[$1] }
        for offset in 0..<count {
            let index = (members.next + offset) % count
            guard able.contains(index), members.free[index] > 0 else { continue }
            guard members.restingUntil[index] <= now || allRest && index == earliest else {
                continue
            }
            members.free[index] -= 1
            members.next = (index + 1) % count
            return index
        }
        return nil
    }

    /// Ends a turn; `rest` is given after a failure of the member.
    func giveBack(_ index: Int, rest: Duration?) {
        let end = state.withLock { state -> ContinuousClock.Instant? in
            state.members.free[index] += 1
            guard let rest else {
                state.members.failures[index] = 0
                return nil
            }
            state.members.failures[index] += 1
            let factor = 1 << min(state.members.failures[index] - 1, 6)
            state.members.restingUntil[index] = .now + rest * factor
            return state.members.restingUntil[index]
        }
        callNext()
        guard let end else { return }
        // Whoever waits at the end of the rest is called then.
        Task { [weak self] in
            try await Task.sleep(until: end, clock: .continuous)
            self?.callNext()
        }
    }
}
