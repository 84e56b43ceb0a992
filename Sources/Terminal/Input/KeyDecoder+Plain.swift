import Screen

extension KeyDecoder {
    /// The key of a single byte below 0x80.
    static func plainKey(_ byte: UInt8) -> KeyEvent? {
        switch byte {
        case 0x00: KeyEvent(.character(" "), .control)
        case 0x08, 0x7F: KeyEvent(.backspace)
        case 0x09: KeyEvent(.tab)
        case 0x0D: KeyEvent(.enter)
        case 0x1B: KeyEvent(.escape)
        case 0x01...0x1A: control(byte + 0x60)
        case 0x1C...0x1F: control(byte + 0x40)
        case 0x20...0x7E: KeyEvent(Character(Unicode.Scalar(byte)))
        default: nil
        }
    }

    private static func control(_ byte: UInt8) -> KeyEvent {
        KeyEvent(.character(Character(Unicode.Scalar(byte))), .control)
    }

    /// The key behind the last letter of `CSI` and `SS3` sequences.
    static func letterKey(_ byte: UInt8) -> KeyEvent.Key? {
        switch Character(Unicode.Scalar(byte)) {
        case "A": .up
        case "B": .down
        case "C": .right
        case "D": .left
        case "H": .home
        case "F": .end
        case "P": .function(1)
        case "Q": .function(2)
        case "R": .function(3)
        case "S": .function(4)
        default: nil
        }
    }

    /// Keys of the number pad in application mode.
    static func keypadKey(_ byte: UInt8) -> KeyEvent.Key? {
        switch Character(Unicode.Scalar(byte)) {
        case "M": .enter
        case "I": .tab
        case "X": .character("=")
        case "j"..."y": Unicode.Scalar(byte - 0x40).isASCII ? .character(pad(byte)) : nil
        default: nil
        }
    }

    private static func pad(_ byte: UInt8) -> Character { Character(Unicode.Scalar(byte - 0x40)) }
}
