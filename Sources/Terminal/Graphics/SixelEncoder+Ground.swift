extension SixelEncoder {
    /// The sequence with all its registers one higher, and a colour in register 0 that no pixel has.
    ///
    /// tmux 3.4 and 3.5 widen a picture to whole cells and fill what they add with register 0: with
    /// this it is the colour of what stands around the picture.
    static func withGround(
        _ ground: TerminalCapabilities.Color, _ bytes: [UInt8]
    ) -> [UInt8] {
        let percent = { (part: UInt8) in (Int(part) * 100 + 127) / 255 }
        let definition = Array(
            "#0;2;\(percent(ground.red));\(percent(ground.green));\(percent(ground.blue))".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 16)
        var isDefined = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "#") else {
                result.append(byte)
                continue
            }
            if !isDefined { result += definition }
            isDefined = true
            var register = 0
            while index < bytes.count, let digit = Self.digit(bytes[index]) {
                register = register * 10 + digit
                index += 1
            }
            result.append(byte)
            result += Array(String(register + 1).utf8)
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> Int? {
        (48...57).contains(byte) ? Int(byte) - 48 : nil
    }
}
