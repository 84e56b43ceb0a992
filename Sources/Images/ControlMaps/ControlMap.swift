import Generation

/// The ways of turning a picture into a control picture that need no network of their own.
public enum ControlMap: String, CaseIterable, Sendable {
    /// Nothing: the picture is a control picture already.
    case none
    /// White outlines on black (Canny 1986), thresholds 100 and 200, as OpenCV draws them.
    case canny
    /// Grey edges on black: gradients of the smoothed picture.
    case softedge
    /// White lines on black where the picture is darker than its surroundings.
    case lineart
    /// The picture without its detail, for networks that invent detail.
    case tile
    /// The picture whose masked part is marked; needs a mask.
    case inpaint
    /// The picture out of focus.
    case blur
    /// The picture without its colours.
    case gray
    /// The negative: black lines on white become white lines on black.
    case invert

    /// The control picture, as large as `picture`.
    ///
    /// ``inpaint`` leaves the colours as they are: its mark, -1, is no colour, so whoever makes
    /// numbers of the picture sets it.
    public func callAsFunction(_ picture: PixelImage) -> PixelImage {
        switch self {
        case .none, .inpaint: picture
        case .canny: picture.cannyEdges(low: 100, high: 200)
        case .softedge: picture.softEdges()
        case .lineart: picture.lines()
        case .tile: picture.withoutDetail(factor: 8)
        case .blur: picture.blurred(sigma: 9)
        case .gray: PixelImage(planes: GrayPlane(picture))
        case .invert:
            PixelImage(
                width: picture.width, height: picture.height, rgb: picture.rgb.map { 255 - $0 })
                ?? picture
        }
    }
}
