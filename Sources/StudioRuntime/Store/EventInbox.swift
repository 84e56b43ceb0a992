import Generation
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
        /// The waiter is woken by what is more urgent than that; nil: by anything.
        var calm: Urgency?
        /// Whether the next wait for something urgent ends at once.
        var isWaitOver = false
    }

    /// How long what happened may wait until it is painted.
    enum Urgency: Comparable {
        /// Steps of jobs.
        case step
        /// Stages and looks of jobs.
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
            let urgency = events.map(\.urgency).max() ?? .step
            return wantsRender ? max(urgency, .news) : urgency
        }
    }

    private let content = Mutex(Content())

    /// Puts an event in.
    func post(_ event: AppEvent) {
        change(event.urgency) { $0.events.append(event) }
    }

    /// Asks for a new frame without an event.
    func requestRender() {
        change(.news) { $0.wantsRender = true }
    }

    /// Wakes the store for the last time.
    func close() {
        change(.input) { $0.isClosed = true }
    }

    /// Ends a wait for something urgent, or the next one.
    func endWait() {
        change(.input) { $0.isWaitOver = true }
    }

    private func change(_ urgency: Urgency, _ body: (inout Content) -> Void) {
        let waiter = content.withLock { content -> CheckedContinuation<Void, Never>? in
            body(&content)
            if let calm = content.calm, urgency <= calm { return nil }
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
        await wait(calm: nil) { !$0.events.isEmpty || $0.wantsRender || $0.isClosed }
    }

    /// Waits until there is something more urgent than `calm`, or ``endWait()``.
    nonisolated(nonsending) func wait(moreUrgentThan calm: Urgency) async {
        await wait(calm: calm) { content in
            content.isClosed || content.isWaitOver || (content.wantsRender && calm < .news)
                || content.events.contains { $0.urgency > calm }
        }
        content.withLock { $0.isWaitOver = false }
    }

    private nonisolated(nonsending) func wait(
        calm: Urgency?, until isReady: (Content) -> Bool
    ) async {
        await withCheckedContinuation { waiter in
            let isReady = content.withLock { content in
                if isReady(content) { return true }
                content.waiter = waiter
                content.calm = calm
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
        case .job(_, .stage(.sampling), _): .step
        case .job(_, .stage, _), .job(_, .preview, _): .progress
        default: .news
        }
    }
}
