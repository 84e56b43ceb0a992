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
                    of: try Self.prepared(references[index].image, encoder.configuration.imageSize),
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

    /// A picture as CLIP reads it: the shorter side scaled, the middle cut out, colours normalised.
    private static func prepared(_ path: String, _ side: Int) throws -> [Float] {
        let picture = try ImageFile.read(path)
        let short = min(picture.width, picture.height)
        let scaled = picture.resampled(
            width: picture.width == short ? side : side * picture.width / short,
            height: picture.height == short ? side : side * picture.height / short,
            filter: .bicubic)
        let (left, top) = ((scaled.width - side) / 2, (scaled.height - side) / 2)
        let mean: [Float] = [0.48145466, 0.4578275, 0.40821073]
        let deviation: [Float] = [0.26862954, 0.26130258, 0.27577711]
        var values: [Float] = []
        values.reserveCapacity(side * side * 3)
        for y in 0..<side {
            for x in 0..<side {
                let pixel = ((top + y) * scaled.width + left + x) * 3
                for channel in 0..<3 {
                    let color = Float(scaled.rgb[pixel + channel]) / 255
                    values.append((color - mean[channel]) / deviation[channel])
                }
            }
        }
        return values
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
