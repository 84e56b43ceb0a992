import Generation

/// A plain font of 5 by 8 dots for labels: ASCII; other characters are drawn as `?`.
enum DotFont {
    /// Dots of one character with the gap behind it.
    static let advance = 6
    static let height = 8

    /// Whether a dot of a character is set.
    static func isSet(_ character: Character, column: Int, row: Int) -> Bool {
        let code = character.asciiValue.map { Int($0) } ?? 63
        let glyph = columns[(32...126).contains(code) ? code - 32 : 31]
        guard column < 5 else { return false }
        // Five bytes, the first column in the highest; the lowest bit of each is the top row.
        return glyph >> (8 * (4 - column) + row) & 1 == 1
    }

    /// From the space to the tilde.
    private static let columns: [Int] = [
        0x00_0000_0000, 0x00_005F_0000, 0x00_0700_0700, 0x14_7F14_7F14, 0x24_2A7F_2A12,
        0x23_1308_6462, 0x36_4956_2050, 0x00_0807_0300, 0x00_1C22_4100, 0x00_4122_1C00,
        0x2A_1C7F_1C2A, 0x08_083E_0808, 0x00_8070_3000, 0x08_0808_0808, 0x00_0060_6000,
        0x20_1008_0402, 0x3E_5149_453E, 0x00_427F_4000, 0x72_4949_4946, 0x21_4149_4D33,
        0x18_1412_7F10, 0x27_4545_4539, 0x3C_4A49_4931, 0x41_2111_0907, 0x36_4949_4936,
        0x46_4949_291E, 0x00_0014_0000, 0x00_4034_0000, 0x00_0814_2241, 0x14_1414_1414,
        0x00_4122_1408, 0x02_0159_0906, 0x3E_415D_594E, 0x7C_1211_127C, 0x7F_4949_4936,
        0x3E_4141_4122, 0x7F_4141_413E, 0x7F_4949_4941, 0x7F_0909_0901, 0x3E_4141_5173,
        0x7F_0808_087F, 0x00_417F_4100, 0x20_4041_3F01, 0x7F_0814_2241, 0x7F_4040_4040,
        0x7F_021C_027F, 0x7F_0408_107F, 0x3E_4141_413E, 0x7F_0909_0906, 0x3E_4151_215E,
        0x7F_0919_2946, 0x26_4949_4932, 0x03_017F_0103, 0x3F_4040_403F, 0x1F_2040_201F,
        0x3F_4038_403F, 0x63_1408_1463, 0x03_0478_0403, 0x61_5949_4D43, 0x00_7F41_4141,
        0x02_0408_1020, 0x00_4141_417F, 0x04_0201_0204, 0x40_4040_4040, 0x00_0307_0800,
        0x20_5454_7840, 0x7F_2844_4438, 0x38_4444_4428, 0x38_4444_287F, 0x38_5454_5418,
        0x00_087E_0902, 0x18_A4A4_9C78, 0x7F_0804_0478, 0x00_447D_4000, 0x20_4040_3D00,
        0x7F_1028_4400, 0x00_417F_4000, 0x7C_0478_0478, 0x7C_0804_0478, 0x38_4444_4438,
        0xFC_1824_2418, 0x18_2424_18FC, 0x7C_0804_0408, 0x48_5454_5424, 0x04_043F_4424,
        0x3C_4040_207C, 0x1C_2040_201C, 0x3C_4030_403C, 0x44_2810_2844, 0x4C_9090_907C,
        0x44_6454_4C44, 0x00_0836_4100, 0x00_0077_0000, 0x00_4136_0800, 0x02_0102_0402,
    ]
}
