import Foundation
import Generation
import Images

/// iTerm2's inline images (OSC 1337).
public enum InlineImage {
    /// The sequence that draws `image` at the cursor, scaled into `cells` with its proportions.
    ///
    /// - Throws: an image error when PNG encoding fails.
    public static func encode(
        _ image: PixelImage, cells: TerminalCapabilities.Size
    ) throws -> [UInt8] {
        let png = try PNGCodec.encode(image, level: 3)
        let head =
            "\u{1B}]1337;File=inline=1;size=\(png.count);width=\(cells.width);"
            + "height=\(cells.height);preserveAspectRatio=1;doNotMoveCursor=1:"
        return Array(head.utf8) + Array(Data(png).base64EncodedData()) + [0x07]
    }
}
