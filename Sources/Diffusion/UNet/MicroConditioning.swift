/// The sizes that SDXL is told: what the picture's original size was, where it was cropped, and
/// what size it shall have. All in pixels.
struct MicroConditioning: Hashable, Sendable {
    var originalHeight: Int
    var originalWidth: Int
    var cropTop = 0
    var cropLeft = 0
    var targetHeight: Int
    var targetWidth: Int
    /// How well the picture shall be liked, about 1 to 10: what the refiner is told in place of the
    /// target size.
    var aestheticScore: Float?

    /// diffusers' scores for the prompt's side and the negative one.
    static let aestheticScore: Float = 6
    static let negativeAestheticScore: Float = 2.5

    /// An uncropped picture of this size.
    init(width: Int, height: Int) {
        (originalHeight, originalWidth) = (height, width)
        (targetHeight, targetWidth) = (height, width)
    }

    /// In the order in which the network reads them.
    var numbers: [Float] {
        let sizes = [originalHeight, originalWidth, cropTop, cropLeft].map { Float($0) }
        return sizes + (aestheticScore.map { [$0] } ?? [Float(targetHeight), Float(targetWidth)])
    }
}
