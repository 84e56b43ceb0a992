import Foundation
import Generation
import Images

/// Many pictures as one: a grid of equal cells.
public enum ContactSheet {
    /// The largest side of a sheet in pixels.
    static let maximumSide = 16_384

    /// A sheet of pictures in reading order on a dark ground.
    ///
    /// - Parameters:
    ///   - pictures: at least one; each is shrunk (never enlarged) into its cell and centred.
    ///   - columns: cells in a row; nil: about as many columns as rows.
    ///   - cell: side of a cell in pixels; it shrinks when the sheet would pass 16,384 pixels.
    /// - Returns: nil without pictures.
    public static func draw(
        _ pictures: [PixelImage], columns: Int? = nil, cell: Int = 256
    ) -> PixelImage? {
        guard !pictures.isEmpty else { return nil }
        let gap = 4
        let columns = max(
            1, min(columns ?? Int(Double(pictures.count).squareRoot().rounded(.up)), pictures.count)
        )
        let rows = (pictures.count + columns - 1) / columns
        let cell = max(1, min(cell, maximumSide / max(columns, rows) - gap))
        let width = columns * (cell + gap) + gap
        let height = rows * (cell + gap) + gap
        var bytes = [UInt8](repeating: 24, count: width * height * 3)
        for (index, picture) in pictures.enumerated() {
            let size = picture.size(fittingWidth: cell, height: cell)
            let isSmaller = picture.width <= cell && picture.height <= cell
            let thumbnail =
                isSmaller ? picture : picture.resized(width: size.width, height: size.height)
            let left = gap + index % columns * (cell + gap) + (cell - thumbnail.width) / 2
            let top = gap + index / columns * (cell + gap) + (cell - thumbnail.height) / 2
            let rowBytes = thumbnail.width * 3
            for row in 0..<thumbnail.height {
                let target = ((top + row) * width + left) * 3
                let source = row * rowBytes
                bytes.replaceSubrange(
                    target..<target + rowBytes, with: thumbnail.rgb[source..<source + rowBytes])
            }
        }
        return PixelImage(width: width, height: height, rgb: bytes)
    }
}
