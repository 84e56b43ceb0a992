import Generation
import Presets
import Screen

/// Where the panes stand on a screen of some size.
public struct StudioLayout: Hashable, Sendable {
    /// The smallest screen that can be used.
    public static let minimum = Size(width: 60, height: 16)
    /// Rows below the panes: status and keys.
    static let bars = 2
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
        let (body, bars) = screen.splitTop(screen.height - Self.bars)
        (status, footer) = bars.splitTop(1)
        if state.isZoomed {
            panes[state.focus] = body
        } else if screen.width >= Self.wideWidth {
            arrangeWide(body, PictureShape(state))
        } else {
            arrangeNarrow(body, side: state.sidePane)
        }
    }

    private mutating func arrangeWide(_ body: Rect, _ shape: PictureShape) {
        var editors = min(64, max(38, body.width * 31 / 100))
        var lists = min(60, max(32, body.width * 28 / 100))
        // Columns that a picture of full height leaves free are worth more as text.
        let picture = shape.columns(ofRows: body.height - Self.previewFrame) + 2
        var spare = max(0, body.width - editors - lists - picture)
        let more = min(spare, Self.widestColumn - lists)
        (lists, spare) = (lists + more, spare - more)
        editors += min(spare, Self.widestColumn - editors)
        let (left, rest) = body.splitLeft(editors)
        let (center, right) = rest.splitLeft(rest.width - lists)
        arrangeEditors(left)
        editorColumn = left
        arrangeLists(center, right, shape)
    }

    /// The queue takes the rows that a picture as wide as its pane leaves free; where these are few,
    /// it stands below the history.
    private mutating func arrangeLists(_ center: Rect, _ right: Rect, _ shape: PictureShape) {
        let free = center.height - shape.rows(ofColumns: center.width - 2) - Self.previewFrame
        if free >= Self.queueRows.lowerBound {
            let rows = min(free, Self.queueRows.upperBound)
            (panes[.preview], panes[.queue]) = center.splitTop(center.height - rows)
            panes[.history] = right
        } else {
            let rows = min(12, max(Self.queueRows.lowerBound, right.height / 4))
            (panes[.history], panes[.queue]) = right.splitTop(right.height - rows)
            panes[.preview] = center
        }
    }

    /// Rows around a picture: the frame and the line below it.
    private static let previewFrame = 3
    private static let widestColumn = 72
    private static let queueRows = 6...14

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

/// The shape in cells of the pictures that are asked for.
private struct PictureShape {
    /// Rows of a picture for each of its columns.
    private let ratio: Double

    init(_ state: AppState) {
        let (request, defaults) = (state.parameters.request, state.backend?.defaults)
        let width = request.width ?? defaults?.width ?? 1
        let height = request.height ?? defaults?.height ?? width
        let cell = state.pictureCell
        let aspect = Double(max(1, height)) / Double(max(1, width))
        ratio = aspect * Double(max(1, cell.width)) / Double(max(1, cell.height))
    }

    func rows(ofColumns columns: Int) -> Int { Int((Double(columns) * ratio).rounded(.up)) }

    func columns(ofRows rows: Int) -> Int { Int((Double(rows) / ratio).rounded(.up)) }
}
