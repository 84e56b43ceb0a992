import Generation
import Images

/// An initial picture on a larger canvas, and the mask of what is new.
struct OutpaintCanvas {
    let picture: PixelImage
    /// White where the canvas is new and over a margin of the old picture.
    let mask: GrayImage
    /// The old picture's place.
    let area: PixelArea

    /// Pixels of the old picture that are repainted too, so that the new part can grow out of it.
    static let margin = 16

    /// - Parameters:
    ///   - picture: the initial picture.
    ///   - mask: of the initial picture's size, what else is to be repainted; nil: nothing.
    ///   - outpaint: pixels per side.
    init(_ picture: PixelImage, mask: GrayImage?, _ outpaint: Outpaint) {
        let size = Self.size(width: picture.width, height: picture.height, outpaint)
        let area = PixelArea(
            left: outpaint.left, top: outpaint.top, right: outpaint.left + picture.width,
            bottom: outpaint.top + picture.height)
        self.area = area
        let extended = picture.extended(width: size.width, height: size.height, at: area)
        let noisy = outpaint.fill == .noise ? Self.noisy(extended) : extended
        self.picture = noisy.replacing(area, with: picture)
        var result = GrayImage(width: size.width, height: size.height, filledWith: 255)
        let margin = min(Self.margin, picture.width / 4, picture.height / 4)
        let kept = PixelArea(
            left: area.left + (outpaint.left > 0 ? margin : 0),
            top: area.top + (outpaint.top > 0 ? margin : 0),
            right: area.right - (outpaint.right > 0 ? margin : 0),
            bottom: area.bottom - (outpaint.bottom > 0 ? margin : 0))
        for y in kept.rows {
            for x in kept.left..<kept.right {
                result[x: x, y: y] = mask?[x: x - area.left, y: y - area.top] ?? 0
            }
        }
        self.mask = result
    }

    /// The canvas around a picture of this size.
    static func size(
        width: Int, height: Int, _ outpaint: Outpaint
    ) -> (width: Int, height: Int) {
        (width + outpaint.left + outpaint.right, height + outpaint.top + outpaint.bottom)
    }

    /// Every value moved by up to half of its range, the same way for the same size.
    private static func noisy(_ picture: PixelImage) -> PixelImage {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        let bytes = picture.rgb.map { value -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(clamping: Int(value) + Int(state >> 56) - 128)
        }
        return PixelImage(width: picture.width, height: picture.height, rgb: bytes) ?? picture
    }
}
