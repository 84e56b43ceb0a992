import Foundation
import Generation
import Images

/// kitty's graphics protocol: pictures as PNG in base64, in chunks of 4096 bytes.
public enum KittyGraphics {
    /// Base64 bytes of one chunk, as the protocol's text asks.
    static let chunkSize = 4096

    /// Sends a picture, in sequences between which other things may be written, and creates a
    /// virtual placement over the cells of its fit, which shows where
    /// ``placeholderRows(columns:rows:)`` is printed.
    ///
    /// - Parameter id: 1...255, so that a 256-colour foreground can carry it.
    /// - Throws: an image error when PNG encoding fails.
    public static func transmitForPlaceholders(
        _ image: PixelImage, id: UInt8, fit: ImageFit
    ) throws -> [[UInt8]] {
        try transmit(image, fit, control: "a=T,U=1,f=100,q=2,i=\(id)")
    }

    /// Sends a picture and shows it at the cursor over the cells of its fit, without moving the
    /// cursor; in sequences between which other things may be written.
    ///
    /// - Throws: an image error when PNG encoding fails.
    public static func place(_ image: PixelImage, id: UInt8, fit: ImageFit) throws -> [[UInt8]] {
        try transmit(image, fit, control: "a=T,C=1,f=100,q=2,i=\(id)")
    }

    /// Ends a transmission of which not all sequences were sent.
    public static let abandonment = Array("\u{1B}_Gm=0,q=2;\u{1B}\\".utf8)

    /// Removes a picture, its placements and its data.
    public static func delete(id: UInt8) -> [UInt8] {
        Array("\u{1B}_Ga=d,d=I,q=2,i=\(id)\u{1B}\\".utf8)
    }

    /// The text that shows a virtual placement, one string per row; to be printed in the
    /// foreground colour `id` of the 256-colour palette. Every cell names its row and column, so
    /// that any part of it may be redrawn alone.
    public static func placeholderRows(columns: Int, rows: Int) -> [String] {
        let marks = KittyDiacritics.scalars
        return (0..<min(rows, marks.count)).map { row in
            var text = String.UnicodeScalarView()
            for column in 0..<min(columns, marks.count) {
                text.append("\u{10EEEE}")
                text.append(marks[row])
                text.append(marks[column])
            }
            return String(text)
        }
    }

    private static func transmit(
        _ image: PixelImage, _ fit: ImageFit, control: String
    ) throws -> [[UInt8]] {
        let control = "\(control),c=\(fit.cells.width),r=\(fit.cells.height)"
        let canvas = fit.canvas(for: image)
        let png = try PNGCodec.encode(
            image, filledUpTo: (canvas.width, canvas.height), level: 3)
        let payload = Array(Data(png).base64EncodedData())
        return stride(from: 0, to: payload.count, by: chunkSize).map { start in
            let end = min(start + chunkSize, payload.count)
            let more = end < payload.count ? 1 : 0
            let head = start == 0 ? "\(control),m=\(more)" : "m=\(more)"
            return Array("\u{1B}_G\(head);".utf8) + payload[start..<end]
                + [0x1B, UInt8(ascii: "\\")]
        }
    }
}
