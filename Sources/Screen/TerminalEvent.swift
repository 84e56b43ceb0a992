/// What a terminal tells the program.
public enum TerminalEvent: Hashable, Sendable {
    case key(KeyEvent)
    case mouse(MouseEvent)
    /// Text that was pasted at once; may hold anything, escape sequences included.
    case paste(String)
    /// The window has a new size in cells; `cellPixels` is the size of a cell where it is known.
    case resized(Size, cellPixels: Size?)
    /// The program runs in the foreground again (after a stop or another program); all is redrawn.
    case resumed
    /// The connection is gone (SIGHUP or end of input).
    case hungUp
    /// The program is asked to end (SIGTERM, SIGINT).
    case terminated
}
