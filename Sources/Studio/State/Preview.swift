import Screen

/// The picture pane: the pictures of one run, finished or under way.
public struct Preview: Hashable, Sendable {
    /// Where the pictures come from.
    public enum Source: Hashable, Sendable {
        case nothing
        case job(Job.ID)
        case entry(String)
        /// The cells of ``AppState/sheet``.
        case sheet
    }

    /// How large the picture is shown.
    public enum Zoom: Hashable, Sendable {
        /// All of it, as large as the pane allows.
        case fit
        /// Screen pixels per picture pixel.
        case factor(Int)
        /// Picture pixels per screen pixel, 2 or more.
        case reduced(Int)

        /// Screen pixels per picture pixel; nil: whatever fits.
        var scale: Double? {
            switch self {
            case .fit: nil
            case .factor(let factor): Double(factor)
            case .reduced(let divisor): 1 / Double(divisor)
            }
        }

        /// The steps of magnifying, smallest first.
        static let steps: [Zoom] =
            [16, 8, 4, 2].map { .reduced($0) } + [1, 2, 4, 8, 16].map { .factor($0) }
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
    /// Two pictures that are held against each other.
    public var comparison = Comparison()
    /// Whether pixels are final.
    public var isFinal = false
    /// What was shown before a job took the preview: it stays until the job has something to show.
    public private(set) var held: ImageReference?
    /// Pictures of the run whose files cannot be read.
    public var lost: Set<Int> = []

    public init() {}

    /// The picture that is shown.
    public var current: ImageReference? {
        switch comparison.view {
        case .off: own
        case .first: comparison.first?.image
        case .second: comparison.other(own)
        case .difference: comparison.result?.image
        }
    }

    /// The picture of the run, whatever is compared.
    public var own: ImageReference? {
        images.indices.contains(selection) ? images[selection] : nil
    }

    /// Whether the grid is what is shown.
    public var showsGrid: Bool { isGrid && images.count > 1 && comparison.view == .off }

    /// Whether the labelled grid of a sweep or a comparison is what is shown.
    public var showsSheet: Bool { source == .sheet && comparison.view == .off }

    /// Shows another run; zoom and the marked pictures stay.
    public mutating func open(_ source: Source, count: Int) {
        let last = comparison.view == .off && !isGrid ? own ?? held : nil
        if case .job = source { held = last } else { held = nil }
        self.source = source
        images = [ImageReference?](repeating: nil, count: max(0, count))
        selection = 0
        comparison.view = .off
        isFinal = false
        lost = []
    }

    /// Makes room for a picture of the run: some services make more than they were asked for.
    ///
    /// - Returns: whether there is room.
    mutating func makeRoom(for index: Int) -> Bool {
        guard (0..<256).contains(index) else { return false }
        images += [ImageReference?](repeating: nil, count: max(0, index + 1 - images.count))
        return true
    }

    /// Selects another picture of the run.
    public mutating func step(_ offset: Int) {
        guard !images.isEmpty else { return }
        selection = (selection + offset + images.count) % images.count
        comparison.view = .off
    }

    /// Columns of the grid that shows all pictures in an area of cells as large as it can.
    public func gridColumns(in area: Size) -> Int {
        let shape = Double(images.count * area.width) / Double(max(1, area.height) * 2)
        return max(1, min(images.count, Int(shape.squareRoot() + 0.5)))
    }

    /// Larger or smaller by one step than what is seen, down to what fits or to 1:1, whichever is
    /// smaller.
    ///
    /// - Parameter fit: screen pixels per picture pixel where all of the picture is shown.
    public mutating func magnify(_ isLarger: Bool, fit: Double) {
        let scale = zoom.scale ?? fit
        if isLarger {
            // A step that nobody sees is none.
            let next = Zoom.steps.first { ($0.scale ?? fit) > scale * 1.1 }
            if let next { zoom = next }
            return
        }
        let next = Zoom.steps.last {
            let wanted = $0.scale ?? fit
            return wanted < scale / 1.1 && (wanted >= 1 || wanted > fit * 1.1)
        }
        let isAboveFit = scale > fit * 1.1
        if let next, !isAboveFit || (next.scale ?? fit) > fit * 1.1 {
            zoom = next
        } else if isAboveFit {
            zoom = .fit
            (centerX, centerY) = (0.5, 0.5)
        }
    }

    /// The part of a picture that an area of screen pixels shows; nil: all of it, to fit.
    public func window(of image: ImageReference, in area: Size) -> Rect? {
        guard let scale = zoom.scale else { return nil }
        let width = min(image.width, max(1, Int(Double(area.width) / scale)))
        var height = min(image.height, max(1, Int(Double(area.height) / scale)))
        if case .factor(let factor) = zoom {
            // Sixel pictures have rows in sixes.
            let step = factor == 1 ? 6 : 3
            if height >= step { height -= height % step }
        }
        let x = Int((centerX * Double(image.width)).rounded()) - width / 2
        let y = Int((centerY * Double(image.height)).rounded()) - height / 2
        return Rect(
            x: max(0, min(image.width - width, x)), y: max(0, min(image.height - height, y)),
            width: width, height: height)
    }

    /// Moves what is shown by pixels of the picture, not beyond its edges.
    public mutating func pan(_ dx: Int, _ dy: Int, of image: ImageReference, in area: Size) {
        guard let window = window(of: image, in: area) else { return }
        let x = max(0, min(image.width - window.width, window.x + dx))
        let y = max(0, min(image.height - window.height, window.y + dy))
        centerX = Double(x + window.width / 2) / Double(max(1, image.width))
        centerY = Double(y + window.height / 2) / Double(max(1, image.height))
    }
}
