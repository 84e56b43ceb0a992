import Generation
import Screen

extension AppState {
    /// Actions on the labelled grid of a sweep or a comparison; nil when the action is none of these.
    mutating func performOnSheet(_ action: ActionID) -> [Effect]? {
        switch action {
        case .startSweep: return askForSweep()
        case .sendToBackends: return askForBackends()
        case .showSheet: return toggleSheet()
        case .adoptCell: adoptCell()
        case .openCell: return openCell()
        case .runCells: return runCells()
        case .stopCells: return stopCells()
        default: return nil
        }
        return []
    }

    /// Why an action on the grid cannot be carried out now.
    func reasonOnSheet(against action: ActionID) -> String? {
        guard let sheet else {
            if action == .sendToBackends {
                return backends.count < 2 ? "only one backend is configured" : nil
            }
            return action == .startSweep ? nil : "no sweep or comparison was made"
        }
        switch action {
        case .startSweep, .sendToBackends:
            if action == .sendToBackends, backends.count < 2 {
                return "only one backend is configured"
            }
            guard sheet.isBusy else { return nil }
            let key = keymap.keyName(of: .stopCells, in: .preview, withCells: true) ?? "the palette"
            return "the last grid is still being filled; \(key) in it stops that"
        case .openCell: return sheet.selected?.entry == nil ? "the cell has no picture yet" : nil
        case .stopCells: return sheet.isBusy ? nil : "no cell is waiting"
        case .runCells: return sheet.open.isEmpty ? "every cell has its picture" : nil
        default: return nil
        }
    }

    // MARK: Sweeps

    private mutating func askForSweep() -> [Effect] {
        let text = sweepText
        layers.append(.input(LineEditor(text), .sweep, title: "Sweep: x; y; z"))
        return []
    }

    /// What is said under the line in which axes are typed.
    public var sweepNote: StatusMessage {
        guard case .input(let field, .sweep, _)? = layers.last, !field.text.isEmpty else {
            return StatusMessage(.information, "steps=8,16; cfg=2..6:2; replace=castle,windmill")
        }
        guard let outline = sweepOutline else { return StatusMessage(.information, "") }
        if let problem = outline.problem { return StatusMessage(.problem, problem) }
        var text = outline.count == 1 ? "1 picture" : "\(outline.count) pictures"
        if let seconds = estimate(outline) { text += ", about \(Duration.text(seconds))" }
        return StatusMessage(.success, text)
    }

    /// Seconds that all cells will take; nil where one of them was never measured.
    private func estimate(_ outline: SweepOutline) -> Double? {
        guard !outline.requests.isEmpty else { return nil }
        var seconds = 0.0
        for request in outline.requests {
            let defaults = backends.first { $0.id == request.backend }?.defaults
            let filled = defaults.map { request.filled(from: $0) } ?? request
            guard let own = speed.estimate(filled, count: 1) else { return nil }
            seconds += own
        }
        return seconds
    }

    // MARK: The grid

    /// Shows a grid and queues its cells.
    mutating func begin(_ sheet: Sheet, seed: UInt64) -> [Effect] {
        layers.removeAll { layer in
            if case .input(_, .sweep, _) = layer { true } else { false }
        }
        var sheet = sheet
        sheet.fill(seed: seed)
        self.sheet = sheet
        setFocus(.preview)
        preview.open(.sheet, count: 0)
        queueCells(sheet.open)
        return [.saveSheet] + startOrTell()
    }

    /// Takes over a grid of an earlier run; what is missing waits in a paused queue.
    public mutating func restore(_ sheet: Sheet) {
        var sheet = sheet
        sheet.forgetProgram()
        self.sheet = sheet
        let open = sheet.open.filter { sheet.cells[$0].problem == nil }
        guard !open.isEmpty else { return }
        preview.open(.sheet, count: 0)
        queueCells(open)
        queue.setPaused(true)
        let what = sheet.kind == .sweep ? "sweep" : "comparison"
        status = StatusMessage(
            .information,
            "\(open.count) of \(sheet.cells.count) cells of a \(what) are back; "
                + "Alt-p lets the queue go on")
    }

    /// Asks for the pictures of finished cells that are not in memory.
    public var wantedCells: [Effect] {
        guard let sheet, preview.showsSheet else { return [] }
        return sheet.cells.indices.compactMap { index in
            let cell = sheet.cells[index]
            guard let entry = cell.entry, cell.image == nil else { return nil }
            return .loadCell(index, entry: entry, side: cellSide)
        }
    }

    /// Longest side of a cell's picture in memory, so that all of them have room there.
    private var cellSide: Int {
        switch sheet?.cells.count ?? 0 {
        case ...16: 1024
        case ...64: 512
        default: 256
        }
    }

    /// Queues cells; those that need the same files one after the other.
    private mutating func queueCells(_ indices: [Int]) {
        guard let sheet else { return }
        let order = indices.sorted {
            (sheet.cells[$0].request.loadingKey, $0) < (sheet.cells[$1].request.loadingKey, $1)
        }
        for index in order {
            let cell = sheet.cells[index]
            let id = queue.append { id in
                var job = Job(
                    id: id, request: cell.request, randomSeeds: 0, parent: sheet.parent)
                job.cell = index
                job.notes = cell.notes
                return job
            }
            self.sheet?.cells[index].job = id
            self.sheet?.cells[index].problem = nil
        }
    }

    private mutating func toggleSheet() -> [Effect] {
        if preview.showsSheet, sheet?.selected?.entry != nil { return openCell() }
        setFocus(.preview)
        preview.open(.sheet, count: 0)
        return wantedCells
    }

    private mutating func openCell() -> [Effect] {
        guard let id = sheet?.selected?.entry else { return [] }
        history.show(id)
        let pictures = history.entry(id)?.pictures ?? []
        preview.open(.entry(id), count: max(1, pictures.count))
        preview.isFinal = true
        let size = sheet?.selected?.image
        let unknown = HistoryEntry.Picture(
            path: nil, seed: nil, width: size?.width ?? 1, height: size?.height ?? 1)
        return preview.images.indices.map { index in
            let picture = pictures.indices.contains(index) ? pictures[index] : unknown
            return .load(entry: id, index: index, picture)
        }
    }

    /// Takes the fields of the selected cell into the editors.
    private mutating func adoptCell() {
        guard let cell = sheet?.selected else { return }
        take(cell.request, parameters: true, seed: true)
        recorded = nil
        parent = cell.entry ?? parent
        setFocus(.prompt)
        if status == nil {
            status = StatusMessage(.success, "\(printable(cell.label, limit: 60)) is set")
        }
    }

    private mutating func runCells() -> [Effect] {
        queueCells(sheet?.open ?? [])
        return [.saveSheet] + startOrTell()
    }

    private mutating func stopCells() -> [Effect] {
        var effects: [Effect] = []
        for job in queue.jobs where job.cell != nil {
            if queue.cancel(job.id) { effects.append(.stop(job.id)) }
        }
        dropLostCells()
        let key = keymap.keyName(of: .runCells, in: .preview, withCells: true) ?? "the palette"
        status = StatusMessage(.information, "Stopped; \(key) goes on with what is missing")
        return effects + [.saveSheet]
    }

    // MARK: Reports

    /// Takes note of what the job of a cell reports.
    mutating func learn(_ report: JobReport, ofCell index: Int) {
        guard sheet?.cells.indices.contains(index) == true else { return }
        switch report {
        case .preview(0, let image), .image(0, let image): sheet?.cells[index].image = image
        case .failed(let text, _):
            sheet?.cells[index].image = nil
            sheet?.cells[index].problem = text
        case .cancelled: sheet?.cells[index].image = nil
        default: break
        }
    }

    /// Takes note of a cell's finished entry.
    mutating func learn(_ entry: HistoryEntry, of job: Job.ID) -> [Effect] {
        guard let index = sheet?.cells.firstIndex(where: { $0.job == job }) else { return [] }
        guard entry.status == .finished else { return [] }
        sheet?.cells[index].entry = entry.id
        sheet?.cells[index].problem = nil
        return [.saveSheet, .loadCell(index, entry: entry.id, side: cellSide)]
    }

    /// Cells whose jobs have left the queue wait no longer.
    mutating func dropLostCells() {
        guard let sheet, sheet.isBusy else { return }
        let jobs = Set(queue.jobs.map(\.id))
        for index in sheet.cells.indices {
            guard let job = sheet.cells[index].job, !jobs.contains(job) else { continue }
            self.sheet?.cells[index].job = nil
        }
    }
}
