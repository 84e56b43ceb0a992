import Generation
import Images

/// How large a picture appears in a box of cells.
public struct ImageFit: Hashable, Sendable {
    /// Size of the shown picture in pixels.
    public let pixels: TerminalCapabilities.Size
    /// Cells that it covers, partly covered ones included.
    public let cells: TerminalCapabilities.Size
    /// Pixels of all of these cells.
    private let covered: TerminalCapabilities.Size

    /// Fits `image` into `box` cells of `cell` pixels each, proportions kept.
    ///
    /// - Parameters:
    ///   - mayGrow: whether a small picture is enlarged to fill the box.
    ///   - heightStep: the height in pixels is rounded down to a multiple of this. Sixel needs 6:
    ///     terminals and tmux round a picture up to whole bands of six rows, and a band that
    ///     reaches into the next cell row is lost or scrolls the screen.
    ///   - limit: largest picture in pixels that the terminal takes, nil for any.
    public init(
        _ image: PixelImage, box: TerminalCapabilities.Size, cell: TerminalCapabilities.Size,
        mayGrow: Bool = true, heightStep: Int = 1, limit: TerminalCapabilities.Size? = nil
    ) {
        var width = max(1, box.width) * max(1, cell.width)
        var height = max(1, box.height) * max(1, cell.height)
        if let limit {
            width = min(width, max(1, limit.width))
            height = min(height, max(1, limit.height))
        }
        if !mayGrow {
            width = min(width, image.width)
            height = min(height, image.height)
        }
        let step = max(1, heightStep)
        height = max(step, height / step * step)
        let fitted = image.size(fittingWidth: width, height: height)
        let stepped = max(step, fitted.height / step * step)
        pixels = .init(width: fitted.width, height: stepped)
        cells = .init(
            width: (fitted.width + cell.width - 1) / max(1, cell.width),
            height: (stepped + cell.height - 1) / max(1, cell.height))
        covered = .init(width: cells.width * cell.width, height: cells.height * cell.height)
    }

    /// The size to which a picture is filled up at its right and lower edge for terminals that
    /// stretch whatever they get over whole cells (kitty 0.26 does): it keeps its proportions then.
    public func canvas(for image: PixelImage) -> TerminalCapabilities.Size {
        func filled(_ side: Int, shown: Int, covered: Int) -> Int {
            max(side, (side * covered + shown / 2) / max(1, shown))
        }
        return .init(
            width: filled(image.width, shown: pixels.width, covered: covered.width),
            height: filled(image.height, shown: pixels.height, covered: covered.height))
    }
}
