import Generation
import Presets
import Screen

/// The picture with what is known about it.
enum PreviewView {
    static func draw(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        if !state.inputs.wanted.isEmpty {
            InputPictureView.draw(state, area, &painter)
            return
        }
        let inner = painter.box(
            area, title: title(state), isFocused: state.focus == .preview, note: note(state))
        let (picture, caption) = inner.splitTop(inner.height - 1)
        drawCaption(state, caption.inset(dx: 1, dy: 0), &painter)
        guard !picture.isEmpty else { return }
        if state.preview.showsSheet, let sheet = state.sheet {
            SheetView.draw(sheet, state, picture, &painter)
        } else if state.preview.showsGrid {
            drawGrid(state, picture, &painter)
        } else if let image = state.preview.current {
            drawNotice(state, picture, &painter)
            put(image, state, picture, zooms: true, &painter)
        } else if let image = heldPicture(state) {
            put(image, state, picture, zooms: true, &painter)
        } else {
            drawEmpty(state, picture, &painter)
        }
    }

    /// The picture before, while a job that runs has none yet.
    private static func heldPicture(_ state: AppState) -> ImageReference? {
        guard case .job(let id) = state.preview.source, state.preview.comparison.view == .off,
            let job = state.queue.job(id), case .running = job.phase
        else { return nil }
        return state.preview.held
    }

    /// The cells of a pane that its picture may use.
    static func pictureArea(_ frame: Rect) -> Rect {
        let inner = frame.inset(dx: 1, dy: 1)
        return inner.splitTop(inner.height - 1).top
    }

    /// Puts a picture into an area, unless a popup covers it: the terminal would draw it over that.
    static func put(
        _ image: ImageReference, _ state: AppState, _ area: Rect, zooms: Bool = false,
        _ painter: inout Painter
    ) {
        let isCovered = state.layers.contains {
            LayerView.frame(of: $0, in: state)?.intersects(area) ?? false
        }
        guard !isCovered else { return }
        let pixels = Size(
            width: area.width * state.pictureCell.width,
            height: area.height * state.pictureCell.height)
        var placement = ImagePlacement(imageID: image.id, area: area)
        if zooms, let window = state.preview.window(of: image, in: pixels) {
            var scale: Int?
            if case .factor(let factor) = state.preview.zoom { scale = factor }
            placement = ImagePlacement(imageID: image.id, area: area, crop: window, scale: scale)
        }
        placement.ground = state.look[.text].background
        painter.frame.placements.append(placement)
    }

    /// Where the pictures of the grid stand.
    private static func cells(_ preview: Preview, _ area: Rect) -> [Rect] {
        let count = preview.images.count
        let columns = preview.gridColumns(in: area.size)
        let rows = max(1, (count + columns - 1) / columns)
        let (width, height) = (area.width / columns, area.height / rows)
        return (0..<count).map { index in
            Rect(
                x: area.x + index % columns * width, y: area.y + index / columns * height,
                width: width, height: height)
        }
    }

    /// The picture of the grid at a cell of the pane's inside.
    static func gridIndex(_ state: AppState, _ frame: Rect, row: Int, column: Int) -> Int? {
        guard state.preview.showsGrid else { return nil }
        let place = Position(x: frame.x + 2 + column, y: frame.y + 1 + row)
        return cells(state.preview, pictureArea(frame)).firstIndex { $0.contains(place) }
    }

    private static func drawGrid(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        for (index, cell) in cells(state.preview, area).enumerated() {
            guard cell.width > 4, cell.height > 3 else { continue }
            let isSelected = index == state.preview.selection
            let inner = painter.box(
                cell, title: isSelected ? "▸ \(index + 1)" : "\(index + 1)", isFocused: isSelected)
            if let image = state.preview.images[index] { put(image, state, inner, &painter) }
        }
    }

    private static func drawNotice(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        guard let notice = state.pictureNotice, area.width > 4 else { return }
        let lines = TextLayout.wrapped(notice, width: min(48, area.width - 2))
        let width = lines.map { TextWidth.width(of: $0) }.max() ?? 0
        let box = area.centered(Size(width: width, height: lines.count))
        for (row, line) in lines.prefix(box.height).enumerated() {
            painter.text(line, x: box.x, y: box.y + row, width: box.width, role: .textDimmed)
        }
    }

    private static func drawEmpty(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        var lines: [(String, ThemeRole)] = []
        if state.preview.comparison.view == .difference {
            lines = [("comparing …", .textDimmed)]
        } else if case .entry(let id) = state.preview.source, let entry = state.history.entry(id) {
            lines = [(missing(entry, state.preview), .textDimmed)]
        } else if let job = state.queue.running.first {
            lines = [(StageText.text(job), .textDimmed)]
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
        lines = lines.flatMap { text, role in
            TextLayout.wrapped(text, width: max(1, area.width - 2)).map { ($0, role) }
        }
        let width = lines.map { TextWidth.width(of: $0.0) }.max() ?? 0
        let box = area.centered(Size(width: width, height: lines.count))
        for (row, line) in lines.prefix(box.height).enumerated() {
            painter.text(line.0, x: box.x, y: box.y + row, width: box.width, role: line.1)
        }
    }

    /// Why an entry shows nothing; empty while its picture is read.
    private static func missing(_ entry: HistoryEntry, _ preview: Preview) -> String {
        if let problem = entry.problem { return problem }
        if entry.pictureCount == 0 { return "No picture was kept of this run." }
        return preview.lost.contains(preview.selection) ? "The picture's file cannot be read." : ""
    }

    private static func drawCaption(_ state: AppState, _ row: Rect, _ painter: inout Painter) {
        guard row.height > 0 else { return }
        if state.preview.showsSheet, let sheet = state.sheet {
            let text = SheetView.caption(sheet, state)
            painter.text(text, x: row.x, y: row.y, width: row.width, role: .textDimmed)
            return
        }
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
        let text = fitting(caption(state), in: row.width)
        painter.text(text, x: row.x, y: row.y, width: row.width, role: .textDimmed)
    }

    /// As many parts as fit, in order; at least the first.
    static func fitting(_ parts: [String], in width: Int) -> String {
        var text = parts.first ?? ""
        for part in parts.dropFirst() {
            let longer = "\(text) · \(part)"
            if TextWidth.width(of: longer) <= width { text = longer }
        }
        return text
    }

    private static func caption(_ state: AppState) -> [String] {
        let preview = state.preview
        guard let image = preview.current else { return [] }
        var parts = ["\(image.width)×\(image.height)"]
        if let scale = preview.zoom.scale, !preview.showsGrid {
            parts.append("\(Int(scale * 100)) %")
        }
        if preview.comparison.view == .difference, let result = preview.comparison.result {
            return result.parts + ["×\(result.gain)"] + parts
        }
        if preview.comparison.view == .off { return parts + origin(state, image) }
        return parts + compared(state)
    }

    /// The seed of the picture that is held against another, and how to see that one.
    private static func compared(_ state: AppState) -> [String] {
        let comparison = state.preview.comparison
        let isFirst = comparison.view == .first
        var parts: [String] = []
        if let id = (isFirst ? comparison.first : comparison.second)?.entry,
            let seed = state.history.entry(id)?.seed
        {
            parts.append("seed \(seed)")
        }
        if let key = state.keymap.keyName(of: .flipMarked, in: state.focus) {
            let other = !isFirst ? "A" : comparison.second == nil ? "this one" : "B"
            parts.append("\(key) shows \(other)")
        }
        return parts
    }

    /// Seed of the picture, and whether it is all that there is of a stopped run.
    private static func origin(_ state: AppState, _ image: ImageReference) -> [String] {
        let index = state.preview.selection
        guard case .entry(let id) = state.preview.source, let entry = state.history.entry(id) else {
            let seeds = state.lastSeeds
            return seeds.indices.contains(index) ? ["seed \(seeds[index])"] : []
        }
        guard entry.pictures.indices.contains(index) else { return [] }
        let picture = entry.pictures[index]
        var parts = picture.seed.map { ["seed \($0)"] } ?? []
        let isSmall = entry.status != .finished && image.width < entry.settings.width ?? 0
        if picture.isPartial || isSmall { parts.append("stopped before it was finished") }
        return parts
    }

    private static func title(_ state: AppState) -> String {
        let comparison = state.preview.comparison
        let name = Pane.preview.title
        if state.preview.showsSheet, let sheet = state.sheet { return SheetView.title(sheet) }
        switch comparison.view {
        case .off: return name
        case .first: return "\(name): A"
        case .second: return "\(name): B"
        case .difference:
            if comparison.first == nil { return "\(name): recorded against replayed" }
            return "\(name): A against \(comparison.second == nil ? "this" : "B")"
        }
    }

    private static func note(_ state: AppState) -> String {
        if state.preview.showsSheet, let sheet = state.sheet { return SheetView.note(sheet) }
        let count = state.preview.images.count
        return count > 1 ? "\(state.preview.selection + 1) of \(count)" : ""
    }
}
