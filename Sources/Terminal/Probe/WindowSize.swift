import Foundation

/// The terminal's size as the kernel knows it (`TIOCGWINSZ`).
public struct WindowSize: Hashable, Sendable {
    /// Columns and rows.
    public let cells: TerminalCapabilities.Size
    /// Pixels of the whole window; nil where the terminal did not tell the kernel.
    public let pixels: TerminalCapabilities.Size?

    /// Asks the kernel.
    ///
    /// - Returns: nil when the descriptor is no terminal or has no size.
    public init?(of descriptor: Int32) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return nil }
        cells = .init(width: Int(size.ws_col), height: Int(size.ws_row))
        let known = size.ws_xpixel > 0 && size.ws_ypixel > 0
        pixels = known ? .init(width: Int(size.ws_xpixel), height: Int(size.ws_ypixel)) : nil
    }

    /// Pixels of one cell, when they are believable: at least 2x4.
    public var cellPixels: TerminalCapabilities.Size? {
        guard let pixels else { return nil }
        let cell = TerminalCapabilities.Size(
            width: pixels.width / cells.width, height: pixels.height / cells.height)
        return cell.width >= 2 && cell.height >= 4 ? cell : nil
    }
}
