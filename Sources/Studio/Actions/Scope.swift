/// Where a key means an action.
public enum Scope: String, Hashable, Sendable, CaseIterable {
    /// Everywhere.
    case everywhere
    /// In the prompt editors.
    case editor
    /// In every pane where letters are not typed.
    case command
    case parameters, preview
    /// In the preview while it shows the labelled grid of a sweep or a comparison.
    case cells
    case history, queue

    /// The heading in the help.
    public var title: String {
        switch self {
        case .everywhere: "Everywhere"
        case .editor: "Prompt editors"
        case .command: "Outside the editors"
        case .parameters: "Parameters"
        case .preview: "Preview"
        case .cells: "Preview of a sweep or a comparison"
        case .history: "History"
        case .queue: "Queue"
        }
    }

    /// The scopes that count while a pane has the focus, the most special first.
    static func active(in pane: Pane, withCells: Bool = false) -> [Scope] {
        switch pane {
        case .preview where withCells: [.cells, .preview, .command, .everywhere]
        case .prompt, .negative: [.editor, .everywhere]
        case .parameters: [.parameters, .command, .everywhere]
        case .preview: [.preview, .command, .everywhere]
        case .history: [.history, .command, .everywhere]
        case .queue: [.queue, .command, .everywhere]
        }
    }
}
