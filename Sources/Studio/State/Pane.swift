/// The parts of the studio that can have the focus, in the order of Tab.
public enum Pane: String, Hashable, Sendable, CaseIterable {
    case prompt, negative, parameters, preview, history, queue

    /// The name in the frame of the pane.
    public var title: String {
        switch self {
        case .prompt: "Prompt"
        case .negative: "Negative"
        case .parameters: "Parameters"
        case .preview: "Preview"
        case .history: "History"
        case .queue: "Queue"
        }
    }

    /// Whether text is typed there, so that plain letters are no commands.
    public var isEditor: Bool { self == .prompt || self == .negative }
}
