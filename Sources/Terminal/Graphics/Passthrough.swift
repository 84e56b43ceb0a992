/// Sequences for the terminal around a multiplexer.
public enum Passthrough {
    /// Largest payload of one wrapped sequence for GNU screen, whose string buffer is small.
    static let screenChunk = 700

    /// Wraps complete escape sequences so that the multiplexer hands them on: for tmux `DCS tmux;`
    /// with every ESC doubled (needs `allow-passthrough on`), for GNU screen plain DCS in chunks.
    public static func wrap(
        _ bytes: [UInt8], for multiplexer: TerminalCapabilities.Multiplexer
    ) -> [UInt8] {
        switch multiplexer {
        case .none:
            return bytes
        case .tmux:
            var wrapped = Array("\u{1B}Ptmux;".utf8)
            wrapped.reserveCapacity(bytes.count + 16)
            for byte in bytes {
                if byte == 0x1B { wrapped.append(0x1B) }
                wrapped.append(byte)
            }
            return wrapped + Array("\u{1B}\\".utf8)
        case .screen:
            var wrapped: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: screenChunk) {
                wrapped += Array("\u{1B}P".utf8)
                // An ST inside would end screen's own string, so ESC is cut off from what follows.
                for byte in bytes[start..<min(start + screenChunk, bytes.count)] {
                    wrapped.append(byte)
                    if byte == 0x1B { wrapped += Array("\u{1B}\\\u{1B}P".utf8) }
                }
                wrapped += Array("\u{1B}\\".utf8)
            }
            return wrapped
        }
    }
}
