import Generation
import Hashing

/// A finished picture and where it is.
struct SavedPicture: Encodable, Hashable, Sendable {
    var path: String
    var seed: UInt64?
    var width: Int
    var height: Int
    var pixelsSHA256: String
    var isFlagged: Bool?
    var safetyScore: Double?
    /// Which picture of the request, from 0; its place in the list says the same.
    var index: Int

    private enum CodingKeys: CodingKey {
        case path, seed, width, height, pixelsSHA256, isFlagged, safetyScore
    }

    init(_ generated: GeneratedImage, path: String) {
        index = generated.index
        self.path = path
        seed = generated.seed
        width = generated.image.width
        height = generated.image.height
        pixelsSHA256 = generated.image.pixelsSHA256
        isFlagged = generated.isFlagged
        safetyScore = generated.safetyScore
    }
}
