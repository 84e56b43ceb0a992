import Screen

/// A complete `CSI` sequence that arrived from the terminal.
struct ControlSequence {
    private let prefix: UInt8?
    private let numbers: [Int]
    private let final: Character

    /// Splits the bytes between `CSI` and the final byte.
    init(body: ArraySlice<UInt8>, final: UInt8) {
        let isPrivate = body.first.map { (0x3C...0x3F).contains($0) } ?? false
        prefix = isPrivate ? body.first : nil
        numbers = body.dropFirst(isPrivate ? 1 : 0)
            .split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { part in
                let digits = part.prefix { (0x30...0x39).contains($0) }.prefix(9)
                return Int(String(decoding: digits, as: UTF8.self)) ?? 0
            }
        self.final = Character(Unicode.Scalar(final))
    }

    /// The key or mouse event; nil for answers and for what is not known.
    var event: TerminalEvent? {
        if prefix == UInt8(ascii: "<") { return mouse }
        guard prefix == nil else { return nil }
        return key.map { .key($0) }
    }

    private func number(_ index: Int, default value: Int = 0) -> Int {
        numbers.indices.contains(index) && numbers[index] > 0 ? numbers[index] : value
    }

    private var modifiers: KeyEvent.Modifiers { Self.modifiers(number(1, default: 1)) }

    /// xterm's encoding: one more than the sum of shift 1, alt 2, control 4, meta 8.
    private static func modifiers(_ code: Int) -> KeyEvent.Modifiers {
        var bits = UInt8(truncatingIfNeeded: max(0, code - 1)) & 0b1111
        if bits & 8 != 0 { bits |= 2 }
        return KeyEvent.Modifiers(rawValue: bits & 7)
    }

    private var key: KeyEvent? {
        switch final {
        case "~": tildeKey
        case "u": codedKey(number(0), modifiers)
        case "Z": KeyEvent(.tab, .shift)
        case "R" where numbers.count > 1 && number(0) != 1: nil
        default:
            UInt8(String(final).utf8.first ?? 0).nonZero.flatMap { KeyDecoder.letterKey($0) }
                .map { KeyEvent($0, modifiers) }
        }
    }

    private var tildeKey: KeyEvent? {
        let code = number(0)
        if code == 27, numbers.count > 2 { return codedKey(number(2), modifiers) }
        let key: KeyEvent.Key? =
            switch code {
            case 1, 7: .home
            case 2: .insert
            case 3: .delete
            case 4, 8: .end
            case 5: .pageUp
            case 6: .pageDown
            case 11...15: .function(code - 10)
            case 17...21: .function(code - 11)
            case 23, 24: .function(code - 12)
            default: nil
            }
        return key.map { KeyEvent($0, modifiers) }
    }

    /// A key by its character code (`CSI u`, modifyOtherKeys).
    private func codedKey(_ code: Int, _ modifiers: KeyEvent.Modifiers) -> KeyEvent? {
        switch code {
        case 9: return KeyEvent(.tab, modifiers)
        case 13: return KeyEvent(.enter, modifiers)
        case 27: return KeyEvent(.escape, modifiers)
        case 8, 127: return KeyEvent(.backspace, modifiers)
        default: break
        }
        guard code >= 32, code < 0x110000, !(57344...63743).contains(code),
            let scalar = Unicode.Scalar(UInt32(code))
        else { return nil }
        return KeyEvent(.character(Character(scalar)), modifiers.subtracting(.shift))
    }

    /// SGR mouse: button; column; row, final `M` for press and motion, `m` for release.
    private var mouse: TerminalEvent? {
        guard numbers.count == 3, final == "M" || final == "m" else { return nil }
        let code = numbers[0]
        let position = Position(x: max(0, number(1) - 1), y: max(0, number(2) - 1))
        var modifiers: KeyEvent.Modifiers = []
        if code & 4 != 0 { modifiers.insert(.shift) }
        if code & 8 != 0 { modifiers.insert(.alt) }
        if code & 16 != 0 { modifiers.insert(.control) }
        guard let kind = mouseKind(code) else { return nil }
        return .mouse(MouseEvent(kind, at: position, modifiers: modifiers))
    }

    private func mouseKind(_ code: Int) -> MouseEvent.Kind? {
        if code & 64 != 0 {
            return code & 3 == 0 ? .scrollUp : code & 3 == 1 ? .scrollDown : nil
        }
        let button: MouseEvent.Button
        switch code & 3 {
        case 0: button = .left
        case 1: button = .middle
        case 2: button = .right
        default: return nil
        }
        if final == "m" { return .release(button) }
        return code & 32 != 0 ? .drag(button) : .press(button)
    }
}

extension UInt8 {
    /// Nil for 0.
    fileprivate var nonZero: UInt8? { self == 0 ? nil : self }
}
