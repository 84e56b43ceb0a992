import Generation
import Images
import Tensors

/// The pictures that prompt one run beside its texts.
struct ImagePromptStage {
    /// Keys and values of pictures that share an adapter, for every cross-attention in order.
    private struct Active {
        let positive: [(key: Tensor, value: Tensor)]
        let negative: [(key: Tensor, value: Tensor)]
        let scale: Float
        let method: ImagePromptReference.Method
        /// White where it prompts, at the picture's full size.
        let mask: PixelImage?
    }

    private let active: [Active]
    private let places: [CrossAttentionPlace]

    /// Encodes the pictures.
    ///
    /// - Parameters:
    ///   - references: as the request has them.
    ///   - opened: the adapter of each.
    ///   - load: gives the networks of an adapter.
    init(
        _ references: [ImagePromptReference], _ opened: [ImagePromptFile.Opened],
        unet: UNetConfiguration, compute: Compute,
        load: (ImagePromptFile.Opened) throws -> (ImagePromptAdapter, CLIPVisionEncoder)
    ) throws {
        places = unet.crossAttentions
        var active: [Active] = []
        for group in Self.groups(references) {
            let (adapter, encoder) = try load(opened[group[0]])
            let pairs = try group.map { index in
                try adapter.tokens(
                    of: try ImageFile.read(references[index].image)
                        .clipColors(side: encoder.configuration.imageSize),
                    with: encoder)
            }
            func joined(_ tokens: [Tensor]) throws -> [(key: Tensor, value: Tensor)] {
                let rows = try tokens.map { try $0.reshaped([$0.shape[1], $0.shape[2]]) }
                let all = try compute.concatenateEntries(rows)
                return try adapter.project(
                    try all.reshaped([1, all.shape[0], all.shape[1]]), for: unet)
            }
            let reference = references[group[0]]
            active.append(
                Active(
                    positive: try joined(pairs.map(\.positive)),
                    negative: try joined(pairs.map(\.negative)),
                    scale: Float(reference.scale), method: reference.method,
                    mask: try reference.mask.map { try ImageFile.read($0) }))
        }
        self.active = active
    }

    /// Puts the pictures beside a prompt's keys and values for a pass of that many pixels.
    func adding(
        to projections: [PromptProjection], isNegative: Bool, width: Int, height: Int
    ) -> [PromptProjection] {
        let masks = active.map { $0.mask.map { PictureMask($0, width: width, height: height) } }
        return zip(projections, places).enumerated().map { index, pair in
            var (projection, place) = pair
            for (picture, mask) in zip(active, masks) where picture.method.listens(at: place) {
                let side = isNegative ? picture.negative : picture.positive
                projection.pictures.append(
                    PictureProjection(
                        key: side[index].key, value: side[index].value, scale: picture.scale,
                        mask: mask))
            }
            return projection
        }
    }

    /// Pictures that one attention reads together: those of one adapter, strength and method, as
    /// long as none has a mask.
    private static func groups(_ references: [ImagePromptReference]) -> [[Int]] {
        var groups: [[Int]] = []
        for (index, reference) in references.enumerated() {
            let known = groups.firstIndex { group in
                let first = references[group[0]]
                return first.model == reference.model && first.scale == reference.scale
                    && first.method == reference.method && first.mask == nil
                    && reference.mask == nil
            }
            if let known { groups[known].append(index) } else { groups.append([index]) }
        }
        return groups
    }
}

extension PictureMask {
    /// A mask picture at a pass's size, cut at half white.
    convenience init(_ picture: PixelImage, width: Int, height: Int) {
        let gray = GrayImage(picture.resampled(width: width, height: height, filter: .lanczos))
        self.init(
            width: width, height: height, values: gray.values.map { $0 >= 128 ? 1 : 0 })
    }
}
