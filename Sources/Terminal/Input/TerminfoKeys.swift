import CTerminal
import Screen

/// Keys under the names that terminfo gives them: covers terminals whose sequences differ from
/// xterm's.
enum TerminfoKeys {
    private static let capabilities: [(name: String, key: KeyEvent)] =
        [
            ("kcuu1", KeyEvent(.up)), ("kcud1", KeyEvent(.down)), ("kcub1", KeyEvent(.left)),
            ("kcuf1", KeyEvent(.right)), ("khome", KeyEvent(.home)), ("kend", KeyEvent(.end)),
            ("kpp", KeyEvent(.pageUp)), ("knp", KeyEvent(.pageDown)), ("kich1", KeyEvent(.insert)),
            ("kdch1", KeyEvent(.delete)), ("kcbt", KeyEvent(.tab, .shift)),
        ] + (1...12).map { ("kf\($0)", KeyEvent(.function($0))) }

    /// The sequences of the terminal that curses was started on; those of one byte are left out.
    static func sequences() -> [[UInt8]: KeyEvent] {
        var found: [[UInt8]: KeyEvent] = [:]
        for (name, key) in capabilities {
            guard let text = lt_key_sequence(name) else { continue }
            let bytes = Array(String(cString: text).utf8)
            if bytes.count > 1, bytes.first == 0x1B { found[bytes] = key }
        }
        return found
    }
}
