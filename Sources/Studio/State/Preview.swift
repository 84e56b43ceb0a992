import Screen

/// The picture pane: the pictures of one run, finished or under way.
public struct Preview: Hashable, Sendable {
    /// Where the pictures come from.
    public enum Source: Hashable, Sendable {
        case nothing
        case job(Job.ID)
        case entry(String)
    }

    /// How large the picture is shown.
    public enum Zoom: Hashable, Sendable {
        /// All of it, as large as the pane allows.
        case fit
        /// Screen pixels per picture pixel.
        case factor(Int)
    }

    public var source = Source.nothing
    /// One per picture of the run; nil: not there yet.
    public var images: [ImageReference?] = []
    /// Index of the picture that is shown.
    public var selection = 0
    /// Whether all pictures are shown side by side.
    public var isGrid = false
    public var zoom = Zoom.fit
    /// The middle of what is shown when zoomed, as shares of the picture, 0...1.
    public var centerX = 0.5
    public var centerY = 0.5
    /// Kept for comparing.
    public var marked: ImageReference?
    /// Whether the marked picture is shown instead.
    public var showsMarked = false
    /// Whether pixels are final.
    public var isFinal = false

    public init() {}

    /// The picture that is shown.
    public var current: ImageReference? {
        if showsMarked, let marked { return marked }
        guard images.indices.contains(selection) else { return nil }
        return images[selection]
    }

    /// Shows another run; zoom and the marked picture stay.
    public mutating func open(_ source: Source, count: Int) {
        self.source = source
        images = [ImageReference?](repeating: nil, count: max(0, count))
        selection = 0
        showsMarked = false
        isFinal = false
    }

    /// Selects another picture of the run.
    public mutating func step(_ offset: Int) {
        guard !images.isEmpty else { return }
        selection = (selection + offset + images.count) % images.count
        showsMarked = false
    }

    /// Moves what is shown by shares of the pane.
    public mutating func pan(_ dx: Double, _ dy: Double) {
        guard case .factor(let factor) = zoom else { return }
        let step = 0.25 / Double(max(1, factor))
        centerX = min(1, max(0, centerX + dx * step))
        centerY = min(1, max(0, centerY + dy * step))
    }

    /// Larger or smaller by one step; smaller than 1:1 is ``Zoom/fit``.
    public mutating func magnify(_ isLarger: Bool) {
        switch (zoom, isLarger) {
        case (.fit, true): zoom = .factor(1)
        case (.factor(let factor), true): zoom = .factor(min(16, factor * 2))
        case (.factor(let factor), false) where factor > 1: zoom = .factor(factor / 2)
        case (_, false):
            zoom = .fit
            centerX = 0.5
            centerY = 0.5
        }
    }
}
