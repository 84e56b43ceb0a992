import Studio
import Synchronization

/// Events on their way to the store: anybody puts them in, the store takes all at once.
final class EventInbox: Sendable {
    private struct Content {
        var events: [AppEvent] = []
        /// Whether something happened that is no event: a picture is ready to be shown.
        var wantsRender = false
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
        /// Whether the waiter is woken by what a person does and by nothing else.
        var isForInput = false
        /// Whether the next wait for input ends at once.
        var isWaitOver = false
    }

    /// How long what happened may wait until it is painted.
    enum Urgency: Comparable {
        /// Steps and looks of jobs.
        case progress
        case news
        /// Keys, the mouse, resizes.
        case input
    }

    /// What waited.
    struct Delivery {
        var events: [AppEvent] = []
        var wantsRender = false

        var urgency: Urgency {
            let urgency = events.map(\.urgency).max() ?? .progress
            return wantsRender ? max(urgency, .news) : urgency
        }
    }

    private let content = Mutex(Content())

    /// Puts an event in.
    func post(_ event: AppEvent) {
        change(isInput: event.urgency == .input) { $0.events.append(event) }
    }

    /// Asks for a new frame without an event.
    func requestRender() {
        change { $0.wantsRender = true }
    }

    /// Wakes the store for the last time.
    func close() {
        change(isInput: true) { $0.isClosed = true }
    }

    /// Ends a wait for input, or the next one.
    func endWaitForInput() {
        change(isInput: true) { $0.isWaitOver = true }
    }

    private func change(isInput: Bool = false, _ body: (inout Content) -> Void) {
        let waiter = content.withLock { content -> CheckedContinuation<Void, Never>? in
            body(&content)
            guard isInput || !content.isForInput else { return nil }
            defer { content.waiter = nil }
            return content.waiter
        }
        waiter?.resume()
    }

    /// All that is there, without waiting.
    func drain() -> Delivery {
        content.withLock { content in
            defer {
                content.events = []
                content.wantsRender = false
            }
            return Delivery(events: content.events, wantsRender: content.wantsRender)
        }
    }

    /// Waits until there is something to do. Who waits stays on its own thread: the shared ones may
    /// be busy for long.
    nonisolated(nonsending) func wait() async {
        await wait(isForInput: false) {
            !$0.events.isEmpty || $0.wantsRender || $0.isClosed
        }
    }

    /// Waits until a person does something, or ``endWaitForInput()``.
    nonisolated(nonsending) func waitForInput() async {
        await wait(isForInput: true) { content in
            content.isClosed || content.isWaitOver
                || content.events.contains { $0.urgency == .input }
        }
        content.withLock { $0.isWaitOver = false }
    }

    private nonisolated(nonsending) func wait(
        isForInput: Bool, until isReady: (Content) -> Bool
    ) async {
        await withCheckedContinuation { waiter in
            let isReady = content.withLock { content in
                if isReady(content) { return true }
                content.waiter = waiter
                content.isForInput = isForInput
                return false
            }
            if isReady { waiter.resume() }
        }
    }
}

extension AppEvent {
    fileprivate var urgency: EventInbox.Urgency {
        switch self {
        case .terminal: .input
        case .job(_, .stage, _), .job(_, .preview, _): .progress
        default: .news
        }
    }
}
