/// A terminal: the real one, or one that a test watches.
public protocol TerminalDevice: Sendable {
    /// Keys, mouse, resizes; ends when the terminal is closed.
    var events: AsyncStream<TerminalEvent> { get }

    /// Shows a frame and the pictures that are ready for it; returns when its text is written. The
    /// pictures follow as fast as the connection takes them, and make way for the next frame.
    nonisolated(nonsending) func present(_ frame: Frame, graphics: [PlacedGraphic]) async

    /// Returns when no picture is on its way any more.
    func drained() async

    /// Repaints everything with the next frame.
    func invalidate() async

    /// Gives the terminal to another program until ``resume()``.
    func suspend() async

    /// Takes the terminal back after ``suspend()``.
    func resume() async

    /// Puts a text on the clipboard where the terminal allows it (OSC 52).
    func copy(_ text: String) async

    /// Stops the process as Ctrl-Z in a shell does; returns when it runs again.
    func stop() async

    /// Restores the terminal; no call has an effect after it.
    func close() async
}
