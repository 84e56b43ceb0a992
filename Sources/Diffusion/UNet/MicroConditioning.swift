/// The sizes that SDXL is told: what the picture's original size was, where it was cropped, and
/// what size it shall have. All in pixels.
struct MicroConditioning: Hashable, Sendable {
    var originalHeight: Int
    var originalWidth: Int
    var cropTop = 0
    var cropLeft = 0
    var targetHeight: Int
    var targetWidth: Int

    /// An uncropped picture of this size.
    init(width: Int, height: Int) {
        (originalHeight, originalWidth) = (height, width)
        (targetHeight, targetWidth) = (height, width)
    }

    /// In the order in which the network reads them.
    var numbers: [Float] {
        [originalHeight, originalWidth, cropTop, cropLeft, targetHeight, targetWidth]
            .map { Float($0) }
    }
}
