/// The usual 256 colours of a terminal, and the nearest of them to another colour.
enum TerminalPalette {
    /// xterm's sixteen; owners of terminals change these, so they only serve to find the nearest.
    private static let base: [[UInt8]] = [
        [0, 0, 0], [205, 0, 0], [0, 205, 0], [205, 205, 0], [0, 0, 238], [205, 0, 205],
        [0, 205, 205], [229, 229, 229], [127, 127, 127], [255, 0, 0], [0, 255, 0], [255, 255, 0],
        [92, 92, 255], [255, 0, 255], [0, 255, 255], [255, 255, 255],
    ]
    private static let levels: [UInt8] = [0, 95, 135, 175, 215, 255]

    /// Red, green, blue of an entry.
    static func components(of index: UInt8) -> [UInt8] {
        switch index {
        case 0..<16: return base[Int(index)]
        case 16..<232:
            let place = Int(index) - 16
            return [levels[place / 36], levels[place / 6 % 6], levels[place % 6]]
        default:
            let grey = 8 + 10 * (index - 232)
            return [grey, grey, grey]
        }
    }

    static func nearest16(to color: [UInt8]) -> ThemeColor {
        .indexed(nearest(to: color, among: 0...15))
    }

    /// Leaves out the first sixteen, which look different everywhere.
    static func nearest256(to color: [UInt8]) -> ThemeColor {
        .indexed(nearest(to: color, among: 16...255))
    }

    private static func nearest(to color: [UInt8], among indices: ClosedRange<UInt8>) -> UInt8 {
        indices.min { distance(components(of: $0), color) < distance(components(of: $1), color) }
            ?? indices.lowerBound
    }

    /// Squared distance, weighted by how much the eye sees of each component.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        zip(zip(one, other), [3, 6, 1]).reduce(0) { sum, part in
            let difference = Int(part.0.0) - Int(part.0.1)
            return sum + part.1 * difference * difference
        }
    }
}
