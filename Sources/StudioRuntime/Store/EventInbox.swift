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
    }

    private let content = Mutex(Content())

    /// Puts an event in.
    func post(_ event: AppEvent) {
        change { $0.events.append(event) }
    }

    /// Asks for a new frame without an event.
    func requestRender() {
        change { $0.wantsRender = true }
    }

    /// Wakes the store for the last time.
    func close() {
        change { $0.isClosed = true }
    }

    private func change(_ body: (inout Content) -> Void) {
        let waiter = content.withLock { content in
            body(&content)
            defer { content.waiter = nil }
            return content.waiter
        }
        waiter?.resume()
    }

    /// All events that are there, without waiting.
    func drain() -> [AppEvent] {
        content.withLock { content in
            defer { content.events = [] }
            content.wantsRender = false
            return content.events
        }
    }

    /// Waits until there is something to do.
    func wait() async {
        await withCheckedContinuation { waiter in
            let isReady = content.withLock { content in
                if !content.events.isEmpty || content.wantsRender || content.isClosed {
                    return true
                }
                content.waiter = waiter
                return false
            }
            if isReady { waiter.resume() }
        }
    }
}
