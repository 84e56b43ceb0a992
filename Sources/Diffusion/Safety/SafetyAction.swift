import Generation
import Images

extension SafetyMode {
    /// What is shown of a picture that the checker flagged.
    func shown(_ picture: PixelImage) -> PixelImage {
        switch self {
        case .off, .flag: picture
        case .blur: picture.blurred(radius: Double(min(picture.width, picture.height)) / 12)
        case .block:
            PixelImage(width: picture.width, height: picture.height, filledWith: (0, 0, 0))
        }
    }

    /// Whether a picture under way may be shown: what may be hidden at the end is not.
    var showsPreviews: Bool { self == .off || self == .flag }

    /// What is said about a flagged picture.
    func notice(seed: UInt64, score: Float) -> String {
        let finding = "the safety checker flags the picture of seed \(seed), score \(score)"
        return switch self {
        case .off, .flag: finding
        case .blur: finding + "; it is blurred"
        case .block: finding + "; it is withheld"
        }
    }
}
