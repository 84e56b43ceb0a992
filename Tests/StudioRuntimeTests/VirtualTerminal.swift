import Screen
import Synchronization
import Testing

/// A terminal that keeps what it is shown, for whole-program tests without a screen.
final class VirtualTerminal: TerminalDevice {
    private struct Content {
        var frame: Frame?
        var graphics: [PlacedGraphic] = []
        var presented = 0
        var sentPictures = 0
        var placer = GraphicsPlacer()
        var calls: [String] = []
        var clipboard: String?
        var waiters:
            [(test: @Sendable (Frame, [PlacedGraphic]) -> Bool, CheckedContinuation<Void, Never>)] =
                []
    }

    let events: AsyncStream<TerminalEvent>
    private let input: AsyncStream<TerminalEvent>.Continuation
    private let content = Mutex(Content())
    /// Time that a frame takes, as on a slow connection.
    private let frameDuration: Duration

    init(size: Size = Size(width: 120, height: 40), frameDuration: Duration = .zero) {
        self.frameDuration = frameDuration
        (events, input) = AsyncStream.makeStream()
        input.yield(.resized(size, cellPixels: Size(width: 10, height: 20)))
    }

    /// What a person or the window system does.
    func send(_ event: TerminalEvent) { input.yield(event) }

    func press(_ names: String...) {
        for name in names {
            if let key = KeyEvent(name: name) { send(.key(key)) }
        }
    }

    func type(_ text: String) {
        for character in text { send(.key(KeyEvent(character))) }
    }

    func present(_ frame: Frame, graphics: [PlacedGraphic]) async {
        if frameDuration > .zero { try? await Task.sleep(for: frameDuration) }
        let ready = content.withLock { content in
            let printed = BufferDiff(from: content.frame?.buffer, to: frame.buffer).runs.map(\.area)
            _ = content.placer.prepare(for: graphics)
            content.sentPictures += content.placer.place(graphics, printed: printed).count
            content.frame = frame
            content.graphics = graphics
            content.presented += 1
            let ready = content.waiters.filter { $0.test(frame, graphics) }.map(\.1)
            content.waiters.removeAll { $0.test(frame, graphics) }
            return ready
        }
        for waiter in ready { waiter.resume() }
    }

    /// Waits until the screen is as wanted; after forty seconds the test fails with what it shows.
    func until(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ test: @escaping @Sendable (Frame, [PlacedGraphic]) -> Bool
    ) async {
        let deadline = Task {
            try await Task.sleep(for: .seconds(40))
            Issue.record("the screen stayed\n\(text)", sourceLocation: sourceLocation)
            let waiters = content.withLock { content in
                defer { content.waiters = [] }
                return content.waiters
            }
            for waiter in waiters { waiter.1.resume() }
        }
        defer { deadline.cancel() }
        await withCheckedContinuation { waiter in
            let isReady = content.withLock { content in
                if let frame = content.frame, test(frame, content.graphics) { return true }
                content.waiters.append((test, waiter))
                return false
            }
            if isReady { waiter.resume() }
        }
    }

    /// Waits until a text is on the screen.
    func untilText(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async {
        await until(sourceLocation: sourceLocation) { frame, _ in frame.buffer.text.contains(text) }
    }

    var text: String { content.withLock { $0.frame?.buffer.text ?? "" } }
    var graphics: [PlacedGraphic] { content.withLock { $0.graphics } }
    var presented: Int { content.withLock { $0.presented } }
    var sentPictures: Int { content.withLock { $0.sentPictures } }
    var calls: [String] { content.withLock { $0.calls } }
    var clipboard: String? { content.withLock { $0.clipboard } }

    func drained() async {}
    func invalidate() async { content.withLock { $0.calls.append("invalidate") } }
    func suspend() async { content.withLock { $0.calls.append("suspend") } }
    func resume() async { content.withLock { $0.calls.append("resume") } }
    func stop() async { content.withLock { $0.calls.append("stop") } }
    func copy(_ text: String) async { content.withLock { $0.clipboard = text } }
    func close() async {
        content.withLock { $0.calls.append("close") }
        input.finish()
    }
}
