/// Sums tiles of a picture with weights that fall off linearly towards edges that other tiles
/// cover, and divides by the sum of weights.
struct TileBlend {
    private let height: Int
    private let width: Int
    private var sums: [Float]
    private var weights: [Float]

    /// An empty picture of three channels.
    init(height: Int, width: Int) {
        self.height = height
        self.width = width
        sums = Array(repeating: 0, count: height * width * 3)
        weights = Array(repeating: 0, count: height * width)
    }

    /// Adds a tile `[rows, columns, 3]`.
    mutating func add(
        _ tile: [Float], rows: Range<Int>, columns: Range<Int>, overlap: Int
    ) {
        let vertical = Self.ramp(rows, in: height, overlap: overlap)
        let horizontal = Self.ramp(columns, in: width, overlap: overlap)
        for (y, row) in rows.enumerated() {
            for (x, column) in columns.enumerated() {
                let weight = vertical[y] * horizontal[x]
                let (from, to) = ((y * columns.count + x) * 3, row * width + column)
                weights[to] += weight
                for channel in 0..<3 { sums[to * 3 + channel] += weight * tile[from + channel] }
            }
        }
    }

    /// The blended picture, `[height, width, 3]`.
    func colors() -> [Float] {
        sums.indices.map { sums[$0] / weights[$0 / 3] }
    }

    /// Weights along one side: 1 inside, falling over `overlap` where a neighbour continues.
    private static func ramp(_ span: Range<Int>, in size: Int, overlap: Int) -> [Float] {
        span.map { position in
            var weight: Float = 1
            let fromStart = Float(position - span.lowerBound) + 0.5
            let fromEnd = Float(span.upperBound - position) - 0.5
            if span.lowerBound > 0 { weight = min(weight, fromStart / Float(max(overlap, 1))) }
            if span.upperBound < size { weight = min(weight, fromEnd / Float(max(overlap, 1))) }
            return weight
        }
    }
}
