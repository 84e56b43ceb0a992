import Generation
import Images

/// Pictures out of letters whose ink grows with brightness: for terminals without colours.
public enum LetterArt {
    /// From black to white on a dark background.
    static let ramp = Array(" .:-=+*#%@")

    /// The rows of the picture.
    ///
    /// - Parameter darkInk: whether letters are dark on a light background, which turns the ramp.
    public static func lines(
        _ image: PixelImage, columns: Int, rows: Int, darkInk: Bool = false
    ) -> [String] {
        let scaled = image.resized(width: columns, height: rows)
        return (0..<scaled.height).map { y in
            String(
                (0..<scaled.width).map { x in
                    let at = (y * scaled.width + x) * 3
                    // Rec. 709 weights in thousandths.
                    let light =
                        (Int(scaled.rgb[at]) * 213 + Int(scaled.rgb[at + 1]) * 715
                            + Int(scaled.rgb[at + 2]) * 72) / 1000
                    let level = light * ramp.count / 256
                    return ramp[darkInk ? ramp.count - 1 - level : level]
                })
        }
    }
}
