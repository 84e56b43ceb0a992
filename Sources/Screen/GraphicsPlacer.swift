/// Decides which pictures are erased and drawn so that each is sent once per change.
///
/// A state machine without input or output: the terminal tells it which cells it printed, it
/// answers with what has to follow. Its invariant: ``shown`` is what the terminal displays after
/// the actions are carried out.
public struct GraphicsPlacer: Sendable {
    /// What the terminal has to do, in order.
    public enum Action: Hashable, Sendable {
        /// Take the picture away: write its removal bytes and repaint the cells.
        case erase(PlacedGraphic)
        /// Send the picture.
        case draw(PlacedGraphic)
    }

    /// Pictures on the screen.
    public private(set) var shown: [PlacedGraphic] = []

    /// Nothing is shown.
    public init() {}

    /// The erasures that come before cells are printed. A picture that is followed by another one
    /// over all of it is painted over instead.
    public mutating func prepare(for wanted: [PlacedGraphic]) -> [Action] {
        let gone = shown.filter { old in
            !wanted.contains(old) && !wanted.contains { $0.covers(old) }
        }
        shown.removeAll { gone.contains($0) }
        return gone.map { .erase($0) }
    }

    /// The drawings that follow after cells were printed in `printed`; a picture whose cells were
    /// touched is sent again.
    public mutating func place(_ wanted: [PlacedGraphic], printed: [Rect]) -> [Action] {
        let due = wanted.filter { picture in
            !shown.contains(picture) || printed.contains { $0.intersects(picture.area) }
        }
        shown = wanted
        return due.map { .draw($0) }
    }

    /// Forgets everything: the screen was cleared.
    public mutating func reset() { shown = [] }
}
