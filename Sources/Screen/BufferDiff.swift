/// What has to be printed to turn one screen into another.
public struct BufferDiff: Hashable, Sendable {
    /// Neighbouring cells of one row that change.
    public struct Run: Hashable, Sendable {
        public let x: Int
        public let y: Int
        public let cells: [Cell]

        /// The cells that the run covers.
        public var area: Rect { Rect(x: x, y: y, width: cells.count, height: 1) }
    }

    /// Runs from top left to bottom right. A wide character is in one run with its second cell.
    public private(set) var runs: [Run] = []

    /// The difference from `old` to `new`; where the sizes differ, everything changes.
    public init(from old: ScreenBuffer?, to new: ScreenBuffer) {
        let width = new.size.width
        guard width > 0 else { return }
        let previous = old.flatMap { $0.size == new.size ? $0.cells : nil }
        for y in 0..<new.size.height {
            var start: Int?
            for x in 0...width {
                let changes =
                    x < width && Self.differs(previous, new.cells, y * width + x, isFirst: x == 0)
                if changes, start == nil {
                    start = x
                } else if !changes, let first = start {
                    append(first..<x, y, new)
                    start = nil
                }
            }
        }
    }

    /// Prints the runs into a buffer.
    public func apply(to buffer: inout ScreenBuffer) {
        for run in runs { buffer.replace(x: run.x, y: run.y, with: run.cells[...]) }
    }

    /// Whether a cell changes, or belongs to a wide character that does.
    private static func differs(
        _ old: [Cell]?, _ new: [Cell], _ index: Int, isFirst: Bool
    ) -> Bool {
        guard let old else { return true }
        if old[index] != new[index] { return true }
        if new[index].width == 2, index + 1 < new.count { return old[index + 1] != new[index + 1] }
        if new[index].width == 0, !isFirst { return old[index - 1] != new[index - 1] }
        return false
    }

    private mutating func append(_ columns: Range<Int>, _ y: Int, _ buffer: ScreenBuffer) {
        let base = y * buffer.size.width
        runs.append(
            Run(
                x: columns.lowerBound, y: y,
                cells: Array(
                    buffer.cells[(base + columns.lowerBound)..<(base + columns.upperBound)])))
    }
}
