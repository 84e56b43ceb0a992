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
    static let luma: UInt64 = 0xb9c11762f916b3b0

    static func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
