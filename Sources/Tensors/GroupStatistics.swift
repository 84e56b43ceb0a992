/// Means and variances of the group normalisations of a network that runs over a picture in tiles:
/// with those of the whole picture, tiles come out as parts of one picture instead of each with a
/// contrast of its own.
///
/// A normalisation's statistics depend on all earlier ones, so they are learnt one after another: each
/// pass over all tiles ends in the first normalisation that is not known yet, by throwing
/// ``Gathered``, until a pass goes through.
public final class GroupStatistics {
    /// Ends the run of a network over a tile whose part of the statistics is counted.
    public struct Gathered: Error {}

    /// A tile with the part of it that no other tile counts, in units of which every tensor of the
    /// network has a whole number.
    public struct Tile: Sendable {
        /// Size of the whole tile.
        public let height: Int
        public let width: Int
        /// The part that counts; may be empty.
        public let rows: Range<Int>
        public let columns: Range<Int>

        public init(height: Int, width: Int, rows: Range<Int>, columns: Range<Int>) {
            (self.height, self.width) = (height, width)
            (self.rows, self.columns) = (rows, columns)
        }
    }

    /// Mean and variance of each group, `[groups][2]`, of the normalisations known so far.
    private var known: [[Double]] = []
    /// Of the next one: pixels, and sums over them of each group's mean and mean square.
    private var weight = 0.0
    private var means: [Double] = []
    private var squares: [Double] = []
    private var next = 0
    private var tile = Tile(height: 1, width: 1, rows: 0..<1, columns: 0..<1)

    public init() {}

    /// Says that the network begins with another tile.
    public func begin(_ tile: Tile) {
        self.tile = tile
        next = 0
    }

    /// Ends a pass over all tiles that ended in ``Gathered``.
    public func endPass() {
        known.append(
            zip(means, squares).flatMap { mean, square in
                let mean = mean / weight
                return [mean, max(0, square / weight - mean * mean)]
            })
        (weight, means, squares) = (0, [], [])
    }

    /// What the next normalisation uses, `[groups][2]`; nil: it is to be gathered.
    func given() -> [Double]? {
        defer { next += 1 }
        return next < known.count ? known[next] : nil
    }

    /// The rows and columns of a tensor of the current tile that count.
    func counted(height: Int, width: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        func scaled(_ part: Range<Int>, _ size: Int, of whole: Int) -> Range<Int> {
            (part.lowerBound * size / whole)..<(part.upperBound * size / whole)
        }
        return (
            scaled(tile.rows, height, of: tile.height),
            scaled(tile.columns, width, of: tile.width)
        )
    }

    /// Adds means and variances `[groups][2]` of `pixels` pixels to the one that is gathered.
    func gather(_ values: [Double], pixels: Int) {
        let groups = values.count / 2
        if means.isEmpty {
            means = [Double](repeating: 0, count: groups)
            squares = means
        }
        weight += Double(pixels)
        for group in 0..<groups {
            let (mean, variance) = (values[group * 2], values[group * 2 + 1])
            means[group] += Double(pixels) * mean
            squares[group] += Double(pixels) * (variance + mean * mean)
        }
    }
}
