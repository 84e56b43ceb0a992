/// xterm's palette of 256 colours: 16 that themes change, a cube of 6x6x6, 24 grays.
public enum Palette256 {
    private static let levels: [Int] = [0, 95, 135, 175, 215, 255]

    /// The index (16...255) of the colour nearest to `color`.
    public static func index(of color: TerminalCapabilities.Color) -> Int {
        let parts = [Int(color.red), Int(color.green), Int(color.blue)]
        let cube = parts.map(nearestLevel)
        let cubeIndex = 16 + 36 * cube[0] + 6 * cube[1] + cube[2]
        let gray = min(23, max(0, (parts.reduce(0, +) / 3 - 3) / 10))
        let grayValue = 8 + 10 * gray
        let cubeError = zip(parts, cube).reduce(0) { $0 + square($1.0 - levels[$1.1]) }
        let grayError = parts.reduce(0) { $0 + square($1 - grayValue) }
        return grayError < cubeError ? 232 + gray : cubeIndex
    }

    /// The colour of an index of the cube or of the grays; nil below 16 and above 255.
    public static func color(at index: Int) -> TerminalCapabilities.Color? {
        switch index {
        case 16...231:
            let cube = index - 16
            return .init(
                red: UInt8(levels[cube / 36]), green: UInt8(levels[cube / 6 % 6]),
                blue: UInt8(levels[cube % 6]))
        case 232...255:
            let gray = UInt8(8 + 10 * (index - 232))
            return .init(red: gray, green: gray, blue: gray)
        default:
            return nil
        }
    }

    private static func nearestLevel(_ value: Int) -> Int {
        value < 48 ? 0 : value < 115 ? 1 : min(5, (value - 35) / 40)
    }

    private static func square(_ value: Int) -> Int { value * value }
}
