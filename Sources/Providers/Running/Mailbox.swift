import Synchronization

/// What a running flow has to hear, in order; anybody may post.
final class Mailbox: Sendable {
    /// A letter, with the call that it answers: letters of calls that were stopped are dropped.
    struct Letter: Sendable {
        enum Content: Sendable {
            case event(FlowEvent)
            case ended
            case fatal(any Error)
            case warning(String)
            case cancel
            case deadline
        }
        let content: Content
        /// Which attempt at which call; nil for letters that no call sends.
        let sender: Int?
    }

    let letters: AsyncStream<Letter>
    private let post: AsyncStream<Letter>.Continuation
    private struct State {
        var isCancelled = false
        var whenCancelled: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    init() { (letters, post) = AsyncStream.makeStream() }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Has `action` called when the job is stopped, at once if it was; nil takes it back.
    func whenCancelled(_ action: (@Sendable () -> Void)?) {
        let isCancelled = state.withLock { state in
            state.whenCancelled = action
            return state.isCancelled
        }
        if isCancelled { action?() }
    }

    func send(_ content: Letter.Content, from sender: Int? = nil) {
        post.yield(Letter(content: content, sender: sender))
    }

    func cancel() {
        let action = state.withLock { state in
            state.isCancelled = true
            return state.whenCancelled
        }
        action?()
        send(.cancel)
    }
}

/// How many jobs a backend runs side by side: a counting semaphore, first come, first served.
public final class JobSlots: Sendable {
    private struct State {
        var free: Int
        var nextID = 0
        var waiting: [(id: Int, continuation: CheckedContinuation<Bool, Never>)] = []
    }
    private let state: Mutex<State>

    /// `count` jobs at once, at least 1.
    public init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

    /// Waits for a free place.
    ///
    /// - Throws: `CancellationError` when the job is stopped meanwhile; no place is taken then.
    func acquire(unless mailbox: Mailbox) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let hasPlace = await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append((id, continuation))
                    return false
                }
                state.free -= 1
                return true
            }
            if isFree { continuation.resume(returning: true) }
            mailbox.whenCancelled { [self] in leave(id) }
        }
        mailbox.whenCancelled(nil)
        guard hasPlace else { throw CancellationError() }
    }

    /// Gives a place back, to the first that waits.
    func release() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst().continuation }
            state.free += 1
            return nil
        }
        next?.resume(returning: true)
    }

    private func leave(_ id: Int) {
        let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let place = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state.waiting.remove(at: place).continuation
        }
        continuation?.resume(returning: false)
    }
}
