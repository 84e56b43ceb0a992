/// How pictures are shown after a person may have asked for a way.
public struct GraphicsChoice: Hashable, Sendable {
    /// The way that is taken.
    public let way: GraphicsProtocol
    /// Why it is not the one that was asked for, or why that may show nothing, in one sentence; nil:
    /// nothing to say.
    public let notice: String?
    /// Whether the way was asked for although the terminal says that it does not have it.
    public var isDoubtful: Bool { notice != nil && way == asked }
    private let asked: GraphicsProtocol?

    /// Takes what was asked for; where a multiplexer would swallow it without a word, what it does
    /// show.
    ///
    /// - Parameter asked: nil: the best that the terminal has.
    public init(_ asked: GraphicsProtocol?, for capabilities: TerminalCapabilities) {
        self.asked = asked
        let best = GraphicsProtocol.best(for: capabilities)
        guard let asked, let lack = Self.lack(of: asked, capabilities) else {
            (way, notice) = (asked ?? best, nil)
            return
        }
        guard capabilities.multiplexer != .none else {
            way = asked
            notice = "This terminal says that it has no \(lack); without --graphics it shows others"
            return
        }
        let name = capabilities.multiplexer == .tmux ? "tmux" : "screen"
        way = best
        notice = "This \(name) shows no \(lack): shown as \(best.words) instead"
    }

    /// What the terminal lacks for a way, by what it answered; nil: nothing that is known.
    private static func lack(
        of way: GraphicsProtocol, _ capabilities: TerminalCapabilities
    ) -> String? {
        guard capabilities.answered else { return nil }
        switch way {
        case .sixel: return capabilities.supportsSixel ? nil : "sixel pictures"
        case .kitty:
            let answers = [
                capabilities.answersKittyGraphics,
                capabilities.answersKittyGraphicsThroughPassthrough,
            ]
            return answers.contains(true) ? nil : "kitty pictures"
        case .kittyDirect:
            return capabilities.answersKittyGraphics ? nil : "kitty pictures"
        case .iterm2:
            return capabilities.multiplexer == .none ? nil : "inline images of iTerm2"
        case .blocks, .blocks256, .text, .none: return nil
        }
    }
}

extension GraphicsProtocol {
    /// The way in words.
    fileprivate var words: String {
        switch self {
        case .kitty, .kittyDirect: "kitty pictures"
        case .sixel: "sixel"
        case .iterm2: "inline images"
        case .blocks, .blocks256: "half-blocks"
        case .text: "letters"
        case .none: "nothing"
        }
    }
}
