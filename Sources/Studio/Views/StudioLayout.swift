import Presets
import Screen

/// Where the panes stand on a screen of some size.
public struct StudioLayout: Hashable, Sendable {
    /// The smallest screen that can be used.
    public static let minimum = Size(width: 60, height: 16)
    /// From this width on preview, history and queue stand side by side.
    private static let wideWidth = 110

    /// Frames of the panes that are visible.
    public private(set) var panes: [Pane: Rect] = [:]
    /// Panes that share one place, of which one is visible; empty where all have their own.
    public private(set) var tabs: [Pane] = []
    /// What is going on.
    public private(set) var status = Rect.zero
    /// Keys that matter.
    public private(set) var footer = Rect.zero
    /// The column of the editors where the picture stands beside it and both are wide.
    public private(set) var editorColumn: Rect?
    /// Whether the screen is too small for all this.
    public let isTooSmall: Bool

    /// The layout for a state.
    public init(_ state: AppState) {
        let screen = Rect(state.size)
        isTooSmall = screen.width < Self.minimum.width || screen.height < Self.minimum.height
        guard !isTooSmall else { return }
        let (body, bars) = screen.splitTop(screen.height - 2)
        (status, footer) = bars.splitTop(1)
        if state.isZoomed {
            panes[state.focus] = body
        } else if screen.width >= Self.wideWidth {
            arrangeWide(body)
        } else {
            arrangeNarrow(body, side: state.sidePane)
        }
    }

    private mutating func arrangeWide(_ body: Rect) {
        let (left, rest) = body.splitLeft(min(64, max(40, body.width * 31 / 100)))
        let side = min(48, max(30, body.width * 24 / 100))
        let (center, right) = rest.splitLeft(rest.width - side)
        arrangeEditors(left)
        editorColumn = left
        panes[.preview] = center
        let (top, bottom) = right.splitTop(right.height - min(12, max(6, right.height / 4)))
        panes[.history] = top
        panes[.queue] = bottom
    }

    private mutating func arrangeNarrow(_ body: Rect, side: Pane) {
        let (left, right) = body.splitLeft(max(30, body.width * 46 / 100))
        arrangeEditors(left)
        tabs = [.preview, .history, .queue]
        // Under a list there is room for the picture that it points at.
        if side != .preview, right.height >= 18 {
            let (top, bottom) = right.splitTop(max(8, right.height * 42 / 100))
            panes[side] = top
            panes[.preview] = bottom
        } else {
            panes[side] = right
        }
    }

    private mutating func arrangeEditors(_ column: Rect) {
        let promptRows = min(14, max(5, column.height * 27 / 100))
        let negativeRows = min(8, max(3, column.height * 17 / 100))
        let (prompt, rest) = column.splitTop(promptRows)
        let (negative, parameters) = rest.splitTop(negativeRows)
        panes[.prompt] = prompt
        panes[.negative] = negative
        panes[.parameters] = parameters
    }

    /// Columns of text in an editor's frame: without the border and a space at both sides.
    public static func textWidth(in frame: Rect) -> Int { max(1, frame.width - 4) }

    /// The pane at a cell.
    public func pane(at position: Position) -> Pane? {
        panes.first { $0.value.contains(position) }?.key
    }
}
