import Generation
import Screen

extension AppState {
    /// Actions on two pictures; nil when the action is none of these.
    mutating func performOnComparison(_ action: ActionID) -> [Effect]? {
        switch action {
        case .markPicture, .markOther: return mark(action)
        case .flipMarked: flip()
        case .showDifference: return toggleDifference()
        case .strongerDifference:
            preview.comparison.gain = min(64, shownGain * 2)
            return wantedDifference()
        case .weakerDifference:
            preview.comparison.gain = max(1, shownGain / 2)
            return wantedDifference()
        case .clearMarks:
            preview.comparison = Comparison()
            return [.keepPictures([])]
        default: return nil
        }
        return []
    }

    /// How strong differences are shown at the moment.
    private var shownGain: Int {
        preview.comparison.gain ?? preview.comparison.result?.gain ?? 8
    }

    private mutating func mark(_ action: ActionID) -> [Effect] {
        guard let image = preview.own else { return [] }
        var entry: String?
        if case .entry(let id) = preview.source { entry = id }
        let side = Comparison.Side(image, entry: entry)
        preview.comparison.view = .off
        if action == .markPicture {
            preview.comparison.first = side
        } else {
            preview.comparison.second = side
        }
        let letter = action == .markPicture ? "A" : "B"
        let keys = [ActionID.flipMarked, .showDifference].map { keymap.keyName(of: $0, in: focus) }
        var text = "This is \(letter)"
        if preview.comparison.first != nil, let flip = keys[0], let difference = keys[1] {
            text += "; \(flip) flips, \(difference) shows the difference"
        }
        status = StatusMessage(.information, text)
        let kept = [preview.comparison.first, preview.comparison.second]
        return [.keepPictures(kept.compactMap { $0?.image.id })]
    }

    /// A, then B or the current picture, then A again.
    private mutating func flip() {
        let isPair = preview.comparison.second != nil
        preview.comparison.view =
            switch preview.comparison.view {
            case .first: isPair ? .second : .off
            case .off, .second, .difference: .first
            }
    }

    private mutating func toggleDifference() -> [Effect] {
        if preview.comparison.view == .difference {
            preview.comparison.view = .off
            return []
        }
        preview.comparison.view = .difference
        return wantedDifference()
    }

    /// Asks for the difference that is to be shown, unless it is there.
    private mutating func wantedDifference() -> [Effect] {
        let comparison = preview.comparison
        guard let (first, second) = comparedPictures else { return [] }
        if let result = comparison.result, result.first == first.id, result.second == second.id,
            result.asked == comparison.gain
        {
            return []
        }
        if comparison.result?.first != first.id || comparison.result?.second != second.id {
            preview.comparison.result = nil
        }
        return [.difference(first, second, gain: comparison.gain)]
    }

    /// A with B, or A with the current picture; without A, the entry with what its replay gave.
    var comparedPictures: (ImageReference, ImageReference)? {
        let comparison = preview.comparison
        if let first = comparison.first?.image {
            guard let second = comparison.other(preview.own), second.id != first.id else {
                return nil
            }
            return (first, second)
        }
        guard case .entry(let id) = preview.source, let own = preview.own,
            let again = replays[id]?.picture
        else { return nil }
        return (own, again)
    }

    /// Takes over what a comparison found, as long as it is what is wanted.
    mutating func learn(_ difference: PictureDifference) {
        guard let (first, second) = comparedPictures, difference.first == first.id,
            difference.second == second.id, difference.asked == preview.comparison.gain
        else { return }
        preview.comparison.result = difference
    }

    /// Moves what is shown of a zoomed picture by shares of the pane, or by single pixels.
    mutating func pan(_ dx: Int, _ dy: Int, byPixels: Bool = false) {
        guard let frame = StudioLayout(self).panes[.preview] else { return }
        let area = PreviewView.pictureArea(frame)
        if showsCells, !byPixels {
            sheet?.move(dx, dy)
            return
        }
        if preview.showsGrid {
            moveInGrid(dx, dy, columns: preview.gridColumns(in: area.size))
            return
        }
        guard let image = preview.current else { return }
        let pixels = Size(
            width: area.width * pictureCell.width, height: area.height * pictureCell.height)
        guard let window = preview.window(of: image, in: pixels) else { return }
        let step = byPixels ? 1 : max(1, min(window.width, window.height) / 8)
        preview.pan(dx * step, dy * step, of: image, in: pixels)
    }

    /// Screen pixels per picture pixel where all of the picture is shown.
    var fitScale: Double {
        guard let frame = StudioLayout(self).panes[.preview], let image = preview.current else {
            return 1
        }
        let area = PreviewView.pictureArea(frame)
        return min(
            Double(area.width * pictureCell.width) / Double(max(1, image.width)),
            Double(area.height * pictureCell.height) / Double(max(1, image.height)))
    }

    private mutating func moveInGrid(_ dx: Int, _ dy: Int, columns: Int) {
        let wanted = preview.selection + dx + dy * columns
        if preview.images.indices.contains(wanted) { preview.selection = wanted }
    }

    /// Asks whether a picture may take the place of a file.
    mutating func askToReplace(_ path: String, _ question: Layer.Question) {
        layers.append(
            .question(
                question, text: "\(printable(path, limit: 100)) exists.",
                yes: "Replace it", no: "Keep it"))
    }
}
