/// The colour in a reply to OSC 10 or 11.
enum BackgroundReply {
    /// Reads `rgb:RR/GG/BB` with one to four hexadecimal digits per part, or `#RRGGBB`.
    static func color(in text: Substring) -> TerminalCapabilities.Color? {
        if text.hasPrefix("#"), text.utf8.count == 7,
            let value = UInt32(text.dropFirst(), radix: 16)
        {
            return .init(
                red: UInt8(value >> 16 & 255), green: UInt8(value >> 8 & 255),
                blue: UInt8(value & 255))
        }
        guard text.hasPrefix("rgb:") || text.hasPrefix("rgba:") else { return nil }
        let parts = text.drop { $0 != ":" }.dropFirst().split(separator: "/")
        let values = parts.prefix(3).compactMap(byte)
        guard values.count == 3 else { return nil }
        return .init(red: values[0], green: values[1], blue: values[2])
    }

    /// One part of 4, 8, 12 or 16 bits as 8 bits.
    private static func byte(_ digits: Substring) -> UInt8? {
        guard (1...4).contains(digits.utf8.count), let value = UInt32(digits, radix: 16) else {
            return nil
        }
        let largest = (UInt32(1) << (4 * UInt32(digits.utf8.count))) - 1
        return UInt8((value * 255 + largest / 2) / largest)
    }
}
