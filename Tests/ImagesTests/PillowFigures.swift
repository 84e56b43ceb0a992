/// Made by Tests/Reference/pillow.py: FNV-1a sums of Pillow's bytes.
enum PillowFigures {
    static let resized: [((Int, Int), UInt64)] = [
        ((46, 34), 0x7397192649320cb7),
        ((40, 11), 0xc60ad913c95ba772),
        ((21, 5), 0xf4e505ab0ddc6777),
        ((17, 13), 0x47b5caffe1874334),
        ((12, 9), 0xb2cba753eacf2820),
        ((64, 8), 0x4af6f813d7387ade),
        ((5, 40), 0x5f5977f5e37a47df),
        ((23, 30), 0xa425f4aba5606d29),
        ((1, 1), 0xaf63f04c86020e88),
    ]
    static let blurred: [(Double, UInt64)] = [
        (0.5, 0xaa9b1c43b8e8ab0e),
        (1, 0x694ec031cece8410),
        (2.5, 0x9e53e7925608e3a5),
        (4, 0xac142740d9026c27),
        (9, 0xa627ff2dd8f633b9),
        (33, 0xfb661af1974547f7),
    ]
    /// The picture in the mask's white over itself turned, and the other way round.
    static let overlaid: [UInt64] = [0x1802fec64615c04e, 0x18ac08d5c85777fd]
    /// A size, the size of the picture in its middle, and the sum.
    static let filled: [((Int, Int), (Int, Int), UInt64)] = [
        ((40, 24), (32, 24), 0x38cffe929e0aaa84),
        ((24, 40), (24, 17), 0x32293c47335a7924),
        ((23, 30), (23, 17), 0x2a150c91136245),
        ((48, 34), (46, 34), 0xbdd2c1b7b4be1585),
        ((64, 8), (10, 8), 0xd06f5c51423ec6f),
        ((8, 64), (8, 5), 0xfd493a6f496ad583),
    ]
    static let luma: UInt64 = 0xb9c11762f916b3b0

    static func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
