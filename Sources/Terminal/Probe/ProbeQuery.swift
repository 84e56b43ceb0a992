/// The questions that a probe asks, in one write, DA1 last: every terminal answers that one, so its
/// answer tells that the others will not come any more.
public enum ProbeQuery {
    /// What is safe to ask.
    public enum Extent: Sendable {
        /// Everything.
        case full
        /// Only what consoles that print unknown strings take: CSI queries that xterm has had for
        /// decades.
        case cautious
    }

    /// The query for a terminal.
    ///
    /// - Parameter passthrough: also asks the terminal around tmux for kitty graphics.
    public static func bytes(_ extent: Extent, passthrough: Bool) -> [UInt8] {
        var text = ""
        if extent == .full {
            text += "\u{1B}[>q"
            text += "\u{1B}[16t\u{1B}[14t\u{1B}[18t"
            text += "\u{1B}[?1;1;0S\u{1B}[?2;1;0S"
            text += "\u{1B}[?2026$p"
            text += "\u{1B}]11;?\u{1B}\\"
            text += kittyQuery(id: directKittyID)
            if passthrough {
                let wrapped = Passthrough.wrap(
                    Array(kittyQuery(id: passthroughKittyID).utf8), for: .tmux)
                text += String(decoding: wrapped, as: UTF8.self)
            }
        }
        text += "\u{1B}[c"
        return Array(text.utf8)
    }

    /// What is safe for a value of `TERM`.
    public static func extent(term: String) -> Extent {
        switch term {
        case "linux", "dumb", "cons25", "": .cautious
        default: term.hasPrefix("vt") ? .cautious : .full
        }
    }

    /// Image ids of the two kitty queries, so that the answers can be told apart.
    static let directKittyID = 31
    static let passthroughKittyID = 32

    private static func kittyQuery(id: Int) -> String {
        "\u{1B}_Gi=\(id),s=1,v=1,a=q,t=d,f=24;AAAA\u{1B}\\"
    }
}
