import Tensors

/// Runs an autoencoder over large pictures in overlapping tiles, whose edges are blended, so that
/// memory stays bounded; over small ones in one piece.
struct TiledVAE {
    /// Largest side of a tile, in latents.
    static let tile = 96
    /// Latents of a picture that still goes through in one piece.
    static let untiledLimit = 160 * 160

    let compute: Compute
    /// Pixels per latent along one side.
    let scale: Int
    var tile = Self.tile
    /// Latents that neighbouring tiles share.
    var overlap = 24
    var untiledLimit = Self.untiledLimit

    init(_ configuration: VAEConfiguration, compute: Compute) {
        self.compute = compute
        scale = configuration.scale
    }

    /// The largest part that goes through at once from latents of this size.
    static func covers(height: Int, width: Int) -> (height: Int, width: Int) {
        height * width > untiledLimit ? (min(height, tile), min(width, tile)) : (height, width)
    }

    /// `[1, h, w, channels]` to `[1, h * scale, w * scale, 3]`, in f32.
    func decode(_ latents: Tensor, with decoder: VAEDecoder) throws -> Tensor {
        guard needsTiles(latents.shape[1], latents.shape[2]) else {
            return try decoder.decode(latents)
        }
        guard compute.wrap == ConvolutionWrap() else {
            return try seamless(latents, with: decoder)
        }
        let whole = TileBlend.Size(
            height: latents.shape[1] * scale, width: latents.shape[2] * scale, channels: 3)
        return try blended(latents, Grid(unit: 1, result: scale), whole) { try decoder.decode($0) }
    }

    /// Tiles of a picture whose edges meet: the latents go on beyond them on both sides, and what
    /// comes out of that margin is cut off.
    private func seamless(_ latents: Tensor, with decoder: VAEDecoder) throws -> Tensor {
        let wrap = compute.wrap
        compute.wrap = ConvolutionWrap()
        defer { compute.wrap = wrap }
        let margin = min(overlap, latents.shape[1], latents.shape[2])
        let (height, width) = (latents.shape[1], latents.shape[2])
        let around = try compute.surrounded(latents, by: margin, along: wrap)
        let large = try decode(around, with: decoder)
        return try compute.crop(
            large, top: wrap.vertical ? margin * scale : 0,
            left: wrap.horizontal ? margin * scale : 0, height: height * scale,
            width: width * scale)
    }

    /// `[1, H, W, 3]` to mean and log variance `[1, H / scale, W / scale, 2 * channels]`, in f32.
    func moments(_ picture: Tensor, with encoder: VAEEncoder) throws -> Tensor {
        let (height, width) = (picture.shape[1] / scale, picture.shape[2] / scale)
        guard needsTiles(height, width) else { return try encoder.moments(picture) }
        let whole = TileBlend.Size(
            height: height, width: width, channels: 2 * encoder.configuration.latentChannels)
        return try blended(picture, Grid(unit: scale, result: 1), whole) {
            try encoder.moments($0)
        }
    }

    private func needsTiles(_ height: Int, _ width: Int) -> Bool {
        height * width > untiledLimit && max(height, width) > tile
    }

    /// Elements per latent in what goes in and what comes out.
    private struct Grid {
        let unit: Int
        let result: Int
    }

    private func blended(
        _ input: Tensor, _ grid: Grid, _ whole: TileBlend.Size, _ run: (Tensor) throws -> Tensor
    ) throws -> Tensor {
        let (height, width) = (input.shape[1] / grid.unit, input.shape[2] / grid.unit)
        var blend = TileBlend(whole)
        for row in Self.spans(height, tile: tile, overlap: overlap) {
            for column in Self.spans(width, tile: tile, overlap: overlap) {
                let (rows, columns) = (row.scaled(grid.unit), column.scaled(grid.unit))
                let part = try compute.crop(
                    input, top: rows.lowerBound, left: columns.lowerBound, height: rows.count,
                    width: columns.count)
                blend.add(
                    try compute.floats(try run(part)), rows: row.scaled(grid.result),
                    columns: column.scaled(grid.result), overlap: overlap * grid.result)
            }
        }
        return try compute.tensor(
            from: blend.values(), [1, whole.height, whole.width, whole.channels], .float32)
    }

    /// Equal pieces of at most `tile` that share at least `overlap` and cover `0..<size`.
    static func spans(_ size: Int, tile: Int, overlap: Int) -> [Range<Int>] {
        guard size > tile else { return [0..<size] }
        let step = max(1, tile - overlap)
        let count = (size - overlap + step - 1) / step
        return (0..<count).map { number in
            let start = number * (size - tile) / max(1, count - 1)
            return start..<(start + tile)
        }
    }
}

extension Range<Int> {
    /// The same span in units `factor` times as fine.
    func scaled(_ factor: Int) -> Range<Int> {
        (lowerBound * factor)..<(upperBound * factor)
    }
}
