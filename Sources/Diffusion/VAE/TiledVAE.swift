import Tensors

/// Runs the finest levels of an autoencoder over large pictures in overlapping tiles, whose edges
/// are blended, so that memory stays bounded; small pictures in one piece.
///
/// All tiles are normalised with the whole picture's statistics, so what comes out is what one
/// piece would give, but for the rounding of sums.
struct TiledVAE {
    /// Largest side of a tile, in latents.
    static let tile = 96
    /// Latents of a picture that still goes through in one piece.
    static let untiledLimit = 160 * 160

    let compute: Compute
    let configuration: VAEConfiguration
    var tile = Self.tile
    var untiledLimit = Self.untiledLimit

    /// Pixels per latent along one side.
    private var scale: Int { configuration.scale }
    private var levels: Int { configuration.channels.count }

    init(_ configuration: VAEConfiguration, compute: Compute) {
        self.compute = compute
        self.configuration = configuration
    }

    /// The part of the latents that goes at once through the decoder's level `level`, the coarsest
    /// first.
    static func covers(
        _ configuration: VAEConfiguration, level: Int, height: Int, width: Int
    ) -> (height: Int, width: Int) {
        let isTiled =
            height * width > untiledLimit && max(height, width) > tile
            && level >= wholeLevels(configuration, height * width, untiledLimit)
        return isTiled ? (min(height, tile), min(width, tile)) : (height, width)
    }

    /// How many of the decoder's levels take a large picture in one piece: those that take not much
    /// more memory for it than the finest one for the largest untiled picture.
    private static func wholeLevels(
        _ configuration: VAEConfiguration, _ latents: Int, _ untiledLimit: Int
    ) -> Int {
        let widths = Array(configuration.channels.reversed())
        func elements(_ level: Int) -> Int { widths[max(0, level - 1)] << (2 * level) }
        let limit = elements(widths.count - 1) * untiledLimit * 3 / 2
        let fitting = widths.indices.filter { elements($0) * latents <= limit }
        return max(1, min(widths.count - 1, fitting.count))
    }

    /// Nil where the picture goes through in one piece.
    private func wholeLevels(_ height: Int, _ width: Int) -> Int? {
        guard levels > 1, height * width > untiledLimit, max(height, width) > tile else {
            return nil
        }
        return Self.wholeLevels(configuration, height * width, untiledLimit)
    }

    /// Latents that neighbouring tiles share: three times what a pixel of the tiled levels sees
    /// around it, one more for good measure.
    private func overlap(wholeLevels: Int) -> Int {
        let finest = 1 << (levels - 1)
        let seen = (wholeLevels..<levels).reduce(1) { seen, level in
            seen + (2 * (configuration.layers + 1) + 1) * (finest >> level)
        }
        return 3 * ((seen + finest - 1) / finest + 1)
    }

    /// `[1, h, w, channels]` to `[1, h * scale, w * scale, 3]`, in f32.
    func decode(_ latents: Tensor, with decoder: VAEDecoder) throws -> Tensor {
        let (height, width) = (latents.shape[1], latents.shape[2])
        guard let count = wholeLevels(height, width) else { return try decoder.decode(latents) }
        let features = try decoder.features(of: latents, levels: count)
        let grid = Grid(
            unit: 1 << (count - 1), result: scale, overlap: overlap(wholeLevels: count),
            rows: 0..<height, columns: 0..<width)
        guard compute.wrap == ConvolutionWrap() else {
            return try seamless(features, grid) { try decoder.picture(from: $0, levels: count) }
        }
        return try blended(features, grid, channels: 3) {
            try decoder.picture(from: $0, levels: count)
        }
    }

    /// Tiles of a picture whose edges meet: the features go on beyond them on both sides, and what
    /// comes out of that margin is cut off.
    private func seamless(
        _ features: Tensor, _ grid: Grid, _ run: (Tensor) throws -> Tensor
    ) throws -> Tensor {
        let wrap = compute.wrap
        compute.wrap = ConvolutionWrap()
        defer { compute.wrap = wrap }
        let (height, width) = (grid.rows.count, grid.columns.count)
        let margin = min(grid.overlap, height, width)
        let around = try compute.surrounded(features, by: margin * grid.unit, along: wrap)
        let (top, left) = (wrap.vertical ? margin : 0, wrap.horizontal ? margin : 0)
        var inner = grid
        (inner.rows, inner.columns) = (top..<(top + height), left..<(left + width))
        let large = try blended(around, inner, channels: 3, run)
        return try compute.crop(
            large, top: top * scale, left: left * scale, height: height * scale,
            width: width * scale)
    }

    /// `[1, H, W, 3]` to mean and log variance `[1, H / scale, W / scale, 2 * channels]`, in f32.
    func moments(_ picture: Tensor, with encoder: VAEEncoder) throws -> Tensor {
        let (height, width) = (picture.shape[1] / scale, picture.shape[2] / scale)
        guard let whole = wholeLevels(height, width) else { return try encoder.moments(picture) }
        let count = levels - whole
        let grid = Grid(
            unit: scale, result: scale >> count, overlap: overlap(wholeLevels: whole),
            rows: 0..<height, columns: 0..<width)
        let features = try blended(
            picture, grid, channels: encoder.featureChannels(levels: count)
        ) {
            try encoder.features(of: $0, levels: count)
        }
        return try encoder.moments(
            from: try compute.converted(features, to: compute.precision), levels: count)
    }

    private struct Grid {
        /// Elements per latent along one side of what goes in and of what comes out.
        let unit: Int
        let result: Int
        /// Latents that neighbouring tiles share.
        let overlap: Int
        /// The latents that belong to the picture and not to a margin around it.
        var rows: Range<Int>
        var columns: Range<Int>
    }

    /// The tiles of the result of `run` put together; normalisations in it are those of the whole
    /// picture, which costs a pass up to each of them.
    private func blended(
        _ input: Tensor, _ grid: Grid, channels: Int, _ run: (Tensor) throws -> Tensor
    ) throws -> Tensor {
        let statistics = GroupStatistics()
        compute.groupStatistics = statistics
        defer { compute.groupStatistics = nil }
        let size = TileBlend.Size(
            height: input.shape[1] / grid.unit * grid.result,
            width: input.shape[2] / grid.unit * grid.result, channels: channels)
        while true {
            var blend: TileBlend?
            try forEachTile(of: input, grid, statistics) { part, row, column in
                let result: Tensor
                do { result = try run(part) } catch is GroupStatistics.Gathered { return }
                var sums = blend ?? TileBlend(size)
                blend = nil
                sums.add(
                    try compute.floats(result), rows: row.scaled(grid.result),
                    columns: column.scaled(grid.result), overlap: grid.overlap * grid.result)
                blend = sums
            }
            if let blend {
                return try compute.tensor(
                    from: blend.values(), [1, size.height, size.width, channels], .float32)
            }
            statistics.endPass()
        }
    }

    private func forEachTile(
        of input: Tensor, _ grid: Grid, _ statistics: GroupStatistics,
        _ body: (_ part: Tensor, _ row: Range<Int>, _ column: Range<Int>) throws -> Void
    ) throws {
        let (height, width) = (input.shape[1] / grid.unit, input.shape[2] / grid.unit)
        let rows = Self.spans(height, tile: tile, overlap: grid.overlap)
        let columns = Self.spans(width, tile: tile, overlap: grid.overlap)
        for (row, ownRows) in zip(rows, Self.owned(rows, within: grid.rows)) {
            for (column, ownColumns) in zip(columns, Self.owned(columns, within: grid.columns)) {
                let part = try compute.crop(
                    input, top: row.lowerBound * grid.unit, left: column.lowerBound * grid.unit,
                    height: row.count * grid.unit, width: column.count * grid.unit)
                statistics.begin(
                    .init(
                        height: row.count, width: column.count, rows: ownRows,
                        columns: ownColumns))
                try body(part, row, column)
            }
        }
    }

    /// The part of each span that is nearer to it than to its neighbours and lies `within`, from the
    /// span's own start on.
    static func owned(_ spans: [Range<Int>], within: Range<Int>) -> [Range<Int>] {
        spans.indices.map { index in
            let span = spans[index]
            let start =
                index == 0
                ? span.lowerBound : (spans[index - 1].upperBound + span.lowerBound) / 2
            let end =
                index == spans.count - 1
                ? span.upperBound : (span.upperBound + spans[index + 1].lowerBound) / 2
            let own = (start..<end).clamped(to: within)
            return (own.lowerBound - span.lowerBound)..<(own.upperBound - span.lowerBound)
        }
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
