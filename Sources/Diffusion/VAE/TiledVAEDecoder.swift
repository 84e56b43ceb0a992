import Tensors

/// Decodes large latents in overlapping tiles, whose edges are blended, so that memory stays
/// bounded; small ones in one piece.
struct TiledVAEDecoder {
    /// Largest side of a tile, in latents.
    static let tile = 96
    /// Latents of a picture that is still decoded in one piece.
    static let untiledLimit = 160 * 160

    let decoder: VAEDecoder
    let compute: Compute
    var tile = Self.tile
    /// Latents that neighbouring tiles share.
    var overlap = 24
    var untiledLimit = Self.untiledLimit

    /// `[1, h, w, channels]` to `[1, h * scale, w * scale, 3]`.
    func decode(_ latents: Tensor) throws -> Tensor {
        let (height, width) = (latents.shape[1], latents.shape[2])
        guard height * width > untiledLimit, max(height, width) > tile else {
            return try decoder.decode(latents)
        }
        let scale = decoder.configuration.scale
        let rows = Self.spans(height, tile: tile, overlap: overlap)
        let columns = Self.spans(width, tile: tile, overlap: overlap)
        var blend = TileBlend(height: height * scale, width: width * scale)
        for row in rows {
            for column in columns {
                let part = try compute.crop(
                    latents, top: row.lowerBound, left: column.lowerBound, height: row.count,
                    width: column.count)
                let pixels = try compute.floats(try decoder.decode(part))
                blend.add(
                    pixels, rows: row.scaled(scale), columns: column.scaled(scale),
                    overlap: overlap * scale)
            }
        }
        return try compute.tensor(
            from: blend.colors(), [1, height * scale, width * scale, 3], .float32)
    }

    /// The largest part that is decoded at once from latents of this size.
    static func covers(height: Int, width: Int) -> (height: Int, width: Int) {
        height * width > untiledLimit ? (min(height, tile), min(width, tile)) : (height, width)
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
