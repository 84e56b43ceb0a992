/// Sums tiles of a picture with weights that fall off linearly where a neighbour continues, and
/// divides by the sum of weights.
///
/// The outer third of what neighbours share has no weight: there a tile sees zeros where the
/// picture goes on.
struct TileBlend {
    /// Size of the whole picture.
    struct Size {
        let height: Int
        let width: Int
        let channels: Int
    }

    private let size: Size
    private var sums: [Float]
    private var weights: [Float]

    /// An empty picture.
    init(_ size: Size) {
        self.size = size
        sums = Array(repeating: 0, count: size.height * size.width * size.channels)
        weights = Array(repeating: 0, count: size.height * size.width)
    }

    /// Adds a tile `[rows, columns, channels]`.
    mutating func add(_ tile: [Float], rows: Range<Int>, columns: Range<Int>, overlap: Int) {
        let vertical = Self.ramp(rows, in: size.height, overlap: overlap)
        let horizontal = Self.ramp(columns, in: size.width, overlap: overlap)
        let channels = size.channels
        for (y, row) in rows.enumerated() {
            for (x, column) in columns.enumerated() {
                let weight = vertical[y] * horizontal[x]
                let (from, to) = (y * columns.count + x, row * size.width + column)
                weights[to] += weight
                for channel in 0..<channels {
                    sums[to * channels + channel] += weight * tile[from * channels + channel]
                }
            }
        }
    }

    /// The blended picture, `[height, width, channels]`.
    func values() -> [Float] {
        sums.indices.map { sums[$0] / weights[$0 / size.channels] }
    }

    /// Weights along one side: 1 inside, falling over the middle third of `overlap` where a
    /// neighbour continues.
    private static func ramp(_ span: Range<Int>, in size: Int, overlap: Int) -> [Float] {
        let third = Float(max(overlap, 1)) / 3
        return span.map { position in
            let fromStart = Float(position - span.lowerBound) + 0.5
            let fromEnd = Float(span.upperBound - position) - 0.5
            var weight: Float = 1
            if span.lowerBound > 0 { weight = min(weight, fromStart / third - 1) }
            if span.upperBound < size { weight = min(weight, fromEnd / third - 1) }
            return max(0, weight)
        }
    }
}
