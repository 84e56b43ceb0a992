import Generation
import Presets
import Screen

/// The picture with what is known about it.
enum PreviewView {
    static func draw(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let inner = painter.box(
            area, title: Pane.preview.title, isFocused: state.focus == .preview, note: note(state))
        let (picture, caption) = inner.splitTop(inner.height - 1)
        drawCaption(state, caption, &painter)
        guard !picture.isEmpty else { return }
        guard state.preview.current != nil || state.preview.isGrid else {
            drawEmpty(state, picture, &painter)
            return
        }
        if state.preview.isGrid, state.preview.images.count > 1 {
            drawGrid(state, picture, &painter)
        } else if let image = state.preview.current {
            place(image, state, picture, &painter)
        }
    }

    private static func place(
        _ image: ImageReference, _ state: AppState, _ area: Rect, _ painter: inout Painter
    ) {
        // Under a popup there is no picture: the terminal would draw it over the popup.
        guard !isCovered(area, state) else { return }
        let cell = state.cellPixels ?? Size(width: 10, height: 20)
        var crop: Rect?
        if case .factor(let factor) = state.preview.zoom {
            let width = max(1, area.width * cell.width / factor)
            let height = max(1, area.height * cell.height / factor)
            crop = window(image, width, height, state.preview)
        }
        painter.frame.placements.append(
            ImagePlacement(imageID: image.id, area: area, crop: crop))
    }

    /// The part of a picture that a pane shows at some magnification.
    static func window(_ image: ImageReference, _ width: Int, _ height: Int, _ preview: Preview)
        -> Rect
    {
        let shownWidth = min(width, image.width)
        let shownHeight = min(height, image.height)
        let x = Int(preview.centerX * Double(image.width)) - shownWidth / 2
        let y = Int(preview.centerY * Double(image.height)) - shownHeight / 2
        return Rect(
            x: max(0, min(image.width - shownWidth, x)),
            y: max(0, min(image.height - shownHeight, y)), width: shownWidth, height: shownHeight)
    }

    private static func isCovered(_ area: Rect, _ state: AppState) -> Bool {
        state.layers.contains { LayerView.frame(of: $0, in: state)?.intersects(area) ?? false }
    }

    private static func drawGrid(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let count = state.preview.images.count
        let columns = max(
            1,
            Int(
                Double(count * area.width).squareRoot()
                    / Double(max(1, area.height) * 2).squareRoot() + 0.5))
        let rows = (count + columns - 1) / columns
        let width = area.width / columns
        let height = area.height / max(1, rows)
        for index in 0..<count {
            let cell = Rect(
                x: area.x + index % columns * width, y: area.y + index / columns * height,
                width: width, height: height)
            let title = "\(index + 1)"
            let isSelected = index == state.preview.selection
            guard cell.width > 4, cell.height > 3 else { continue }
            let inner = painter.box(cell, title: title, isFocused: isSelected)
            if let image = state.preview.images[index] {
                var plain = state
                plain.preview.zoom = .fit
                place(image, plain, inner, &painter)
            }
        }
    }

    private static func drawEmpty(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        var lines: [(String, ThemeRole)] = []
        if let job = state.queue.running.first {
            lines = [(StageText.text(job), .textDimmed)]
        } else if case .entry = state.preview.source, let entry = state.entryInFocus {
            lines = [(entry.problem ?? "No picture was kept of this run.", .textDimmed)]
        } else if case .failed(let problem)? = state.backend?.knowledge {
            lines = [
                ("\(state.parameters.request.backend) cannot work:", .textHeading),
                (problem, .statusProblem), ("F10 chooses another backend.", .textDimmed),
            ]
        } else {
            lines = [
                ("No picture yet.", .textHeading),
                ("Enter in the prompt makes one.", .textDimmed),
                ("F1 shows all keys, Ctrl-P all commands.", .textDimmed),
            ]
        }
        let width = lines.map { TextWidth.width(of: $0.0) }.max() ?? 0
        let box = area.centered(Size(width: width, height: lines.count))
        for (row, line) in lines.prefix(box.height).enumerated() {
            painter.text(line.0, x: box.x, y: box.y + row, width: box.width, role: line.1)
        }
    }

    private static func drawCaption(_ state: AppState, _ row: Rect, _ painter: inout Painter) {
        guard row.height > 0 else { return }
        if case .job(let id) = state.preview.source, let job = state.queue.job(id),
            case .running(let progress) = job.phase
        {
            let text = StageText.progress(progress)
            let width = min(row.width, TextWidth.width(of: text))
            painter.text(text, x: row.maxX - width, y: row.y, width: width, role: .textDimmed)
            painter.gauge(
                Rect(x: row.x, y: row.y, width: row.width - width - 1, height: 1),
                fraction: progress.fraction)
            return
        }
        painter.text(caption(state), x: row.x, y: row.y, width: row.width, role: .textDimmed)
    }

    private static func caption(_ state: AppState) -> String {
        guard let image = state.preview.current else { return "" }
        var parts = ["\(image.width)×\(image.height)"]
        if state.preview.showsMarked { parts.append("marked picture") }
        if case .factor(let factor) = state.preview.zoom { parts.append("\(factor)00 %") }
        if case .entry(let id) = state.preview.source,
            let entry = state.history.entries.first(where: { $0.id == id }),
            entry.pictures.indices.contains(state.preview.selection),
            let seed = entry.pictures[state.preview.selection].seed
        {
            parts.append("seed \(seed)")
        } else if state.lastSeeds.indices.contains(state.preview.selection) {
            parts.append("seed \(state.lastSeeds[state.preview.selection])")
        }
        return parts.joined(separator: " · ")
    }

    private static func note(_ state: AppState) -> String {
        let count = state.preview.images.count
        return count > 1 ? "\(state.preview.selection + 1) of \(count)" : ""
    }
}
