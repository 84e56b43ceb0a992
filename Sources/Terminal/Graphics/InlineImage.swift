import Foundation
import Generation
import Images

/// iTerm2's inline images (OSC 1337).
public enum InlineImage {
    /// The sequence that draws `image` at the cursor, scaled into `cells` with its proportions.
    ///
    /// A picture of this protocol has to be written to its end, so it is kept short: PNG as long as
    /// that fits, then JPEG, then fewer pixels, which the terminal enlarges.
    ///
    /// - Parameter byteLimit: bytes of the whole sequence; the smallest form is taken where none
    ///   fits.
    /// - Throws: an image error when encoding fails.
    public static func encode(
        _ image: PixelImage, cells: TerminalCapabilities.Size, byteLimit: Int = .max
    ) throws -> [UInt8] {
        var sequence = sequence(try PNGCodec.encode(image, level: 3), cells)
        if sequence.count <= byteLimit { return sequence }
        for share in [1, 2, 4, 8] {
            let width = max(1, image.width / share)
            let height = max(1, image.height / share)
            let small = share == 1 ? image : image.resized(width: width, height: height)
            sequence = self.sequence(try JPEGCodec.encode(small, quality: 88), cells)
            if sequence.count <= byteLimit { break }
        }
        return sequence
    }

    private static func sequence(_ file: [UInt8], _ cells: TerminalCapabilities.Size) -> [UInt8] {
        let head =
            "\u{1B}]1337;File=inline=1;size=\(file.count);width=\(cells.width);"
            + "height=\(cells.height);preserveAspectRatio=1;doNotMoveCursor=1:"
        return Array(head.utf8) + Array(Data(file).base64EncodedData()) + [0x07]
    }
}
