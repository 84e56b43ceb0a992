/// Decodes the subset of sixel that encoders write: for comparing pixels in tests.
struct SixelDecoder {
    /// Picture size as the raster attributes say, and the pixels; -1 where nothing was drawn.
    var width = 0
    var height = 0
    var aspect = (vertical: 0, horizontal: 0)
    var pixels: [Int] = []
    /// Colours in percent, by register.
    var palette: [Int: (red: Int, green: Int, blue: Int)] = [:]

    private var bytes: ArraySlice<UInt8> = []

    /// Decodes `ESC P ... q ... ESC \`; nil for anything else.
    init?(_ sequence: [UInt8]) {
        guard sequence.starts(with: [0x1B, UInt8(ascii: "P")]), sequence.suffix(2) == [0x1B, 0x5C],
            let q = sequence.firstIndex(of: UInt8(ascii: "q"))
        else { return nil }
        bytes = sequence[(q + 1)..<(sequence.count - 2)]
        guard decode() else { return nil }
    }

    private mutating func decode() -> Bool {
        var (x, band, color) = (0, 0, 0)
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                let values = numbers()
                guard values.count == 4 else { return false }
                aspect = (values[0], values[1])
                (width, height) = (values[2], values[3])
                pixels = [Int](repeating: -1, count: width * height)
            case UInt8(ascii: "#"):
                let values = numbers()
                color = values[0]
                if values.count == 5, values[1] == 2 {
                    palette[color] = (values[2], values[3], values[4])
                }
            case UInt8(ascii: "$"): x = 0
            case UInt8(ascii: "-"): (x, band) = (0, band + 1)
            case UInt8(ascii: "!"):
                let count = numbers()[0]
                guard let pattern = bytes.popFirst() else { return false }
                guard draw(pattern, x, band, color, count) else { return false }
                x += count
            case 0x3F...0x7E:
                guard draw(byte, x, band, color, 1) else { return false }
                x += 1
            default: return false
            }
        }
        return true
    }

    private mutating func draw(
        _ byte: UInt8, _ x: Int, _ band: Int, _ color: Int, _ count: Int
    ) -> Bool {
        guard (0x3F...0x7E).contains(byte), x + count <= width else { return false }
        for bit in 0..<6 where Int(byte - 0x3F) & (1 << bit) != 0 {
            let y = band * 6 + bit
            guard y < height else { return false }
            for column in x..<(x + count) { pixels[y * width + column] = color }
        }
        return true
    }

    private mutating func numbers() -> [Int] {
        var values = [0]
        while let byte = bytes.first {
            if byte == UInt8(ascii: ";") {
                values.append(0)
            } else if (0x30...0x39).contains(byte) {
                values[values.count - 1] = values[values.count - 1] * 10 + Int(byte - 0x30)
            } else {
                break
            }
            bytes.removeFirst()
        }
        return values
    }

    /// The colour at a pixel, 0...255 each.
    func color(_ x: Int, _ y: Int) -> (red: Int, green: Int, blue: Int)? {
        palette[pixels[y * width + x]].map {
            (($0.red * 255 + 50) / 100, ($0.green * 255 + 50) / 100, ($0.blue * 255 + 50) / 100)
        }
    }
}
