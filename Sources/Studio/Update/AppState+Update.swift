import Generation
import Screen

extension AppState {
    /// Carries an event into the state: the only way in which it changes. Pure: no clock, no
    /// random numbers, no input or output.
    ///
    /// - Returns: what has to be done outside, in order.
    public mutating func update(_ event: AppEvent) -> [Effect] {
        let before = Edited(self)
        let (focusBefore, layersBefore, valueBefore) = (focus, layers, parameters.editing)
        var effects = handle(event)
        keepInRange()
        let after = Edited(self)
        if before.prompt != after.prompt { effects.append(.countTokens(.prompt)) }
        if before.negative != after.negative { effects.append(.countTokens(.negative)) }
        if before != after { effects.append(.saveDraft) }
        // Who goes to the history sees the entry that is selected there.
        if focusBefore != .history, focus == .history, preview.source == .nothing {
            effects += showSelectedEntry()
        }
        effects += wantedThumbnails()
        if before.backend != after.backend || before.model != after.model {
            effects.append(.describeBackend(parameters.request))
            isSwitchingBackend = before.backend != after.backend
        } else if isLocal, before.parameters.canvas != after.parameters.canvas {
            // A picture that is worked on brings its own size.
            effects.append(.describeBackend(parameters.request))
        }
        if before.parameters != after.parameters, before.parameters.files != after.parameters.files
        {
            fileProblems = []
            effects.append(.checkFiles(request))
        }
        dropLostCells()
        refreshQuitQuestion()
        effects += wantedOutline(before: layersBefore)
        effects += refreshValueCompletion(before: valueBefore, isListed: event.isFolder)
        effects += wantedInputs()
        return effects
    }

    /// The parts that a draft keeps, cheap to compare.
    private struct Edited: Equatable {
        let prompt: Int
        let negative: Int
        let parameters: GenerationRequest
        let seed: SeedSetting
        let count: Int
        let waiting: Int
        let look: String

        init(_ state: AppState) {
            prompt = state.prompt.editor.revision
            negative = state.negative.editor.revision
            parameters = state.parameters.request
            seed = state.parameters.seed
            count = state.parameters.count
            waiting = state.queue.revision
            look = state.look.name
        }

        var backend: String { parameters.backend }
        var model: String? { parameters.model }
    }

    private mutating func handle(_ event: AppEvent) -> [Effect] {
        switch event {
        case .terminal(let event): return handle(event)
        case .backend(let id, let knowledge): learn(id, knowledge)
        case .vocabulary(let id, let words):
            if let index = backends.firstIndex(where: { $0.id == id }) {
                backends[index].vocabulary = words
            }
        case .job(let id, let report, let time): return handle(report, of: id, at: time)
        case .history(let entries):
            history.load(entries)
            // Work goes on where it ended: with the newest picture on the screen.
            if preview.source == .nothing { return showSelectedEntry() }
        case .journalChanged(let entries, let gone):
            history.merge(entries, gone: gone)
            for entry in entries { thumbnails[entry.id] = nil }
        case .pictureLost(let entry, let index):
            if preview.source == .entry(entry) { preview.lost.insert(index) }
        case .thumbnail(let entry, let image):
            forgetThumbnails()
            thumbnails[entry] = .some(image)
        case .difference(let difference): learn(difference)
        case .fileExists(let picture, let path):
            askToReplace(path, .replaceFile(picture, path))
        case .sheetExists(let path): askToReplace(path, .replaceSheet(path))
        case .interrupted(let count): tellInterrupted(count)
        case .entry(let entry, let job):
            history.store(entry)
            if preview.source == .job(job), entry.status != .running {
                take(entry)
            }
            return learn(entry, of: job)
        case .opened(let entry, let action):
            history.store(entry)
            return entry.isComplete ? perform(action) : []
        case .sweepPlanned, .sheet, .cellPicture, .left, .leftDrafts, .draft, .rerolled:
            return handleOffer(event)
        case .compared(let comparison): self.comparison = comparison
        case .tokens(let pane, let revision, let tokens): learn(tokens, of: pane, revision)
        case .picture(let entry, let index, let image): show(image, of: entry, at: index)
        case .edited(let pane, let text): edit(pane) { $0.setText(text) }
        case .library(let library): learn(library)
        case .folder(let listing): folder = listing
        case .filesChecked(let checked, let problems): learn(problems, of: checked)
        case .inputPicture(let input, let content): learn(content, of: input)
        case .look(let look): self.look = look
        case .preset(let name, let request): apply(preset: name, request)
        case .message(let message): status = message
        case .tick(let time):
            let latest = max(now, time)
            now = latest
            for job in queue.running { queue.update(job.id) { $0.now = latest } }
        }
        return []
    }

    /// What was found out for the grid, for drafts and for jobs of earlier runs.
    private mutating func handleOffer(_ event: AppEvent) -> [Effect] {
        switch event {
        case .sweepPlanned(let outline):
            if case .input(let field, .sweep, _)? = layers.last, field.text == outline.text {
                sweepOutline = outline
            }
        case .sheet(let sheet, let seed): return begin(sheet, seed: seed)
        case .cellPicture(let index, let entry, let image):
            guard sheet?.cells.indices.contains(index) == true,
                sheet?.cells[index].entry == entry
            else { return [] }
            sheet?.cells[index].image = image
        case .left(let jobs): return fetch(jobs)
        case .leftDrafts(let drafts): offer(drafts)
        case .draft(let draft): return recover(draft)
        case .rerolled(let request, let parent):
            return runRerolled(request, parent: parent)
        default: break
        }
        return []
    }

    /// Asks what axes would make that have just been typed.
    private mutating func wantedOutline(before: [Layer]) -> [Effect] {
        guard case .input(let field, .sweep, _)? = layers.last, layers != before,
            sweepOutline?.text != field.text
        else { return [] }
        sweepOutline = nil
        return field.text.isEmpty ? [] : [.planSweep(field.text, request, begins: false)]
    }

    private mutating func handle(_ event: TerminalEvent) -> [Effect] {
        switch event {
        case .key(let key): return press(key)
        case .mouse(let mouse): return handle(mouse)
        case .paste(let text):
            paste(text)
            return []
        case .resized(let size, let cellPixels):
            self.size = size
            if let cellPixels { self.cellPixels = cellPixels }
            return []
        case .resumed: return [.redraw]
        case .hungUp, .terminated: return end()
        }
    }

    /// Tells what is wrong with files that were named last; what was changed meanwhile is checked
    /// anew.
    private mutating func learn(_ problems: [FileProblem], of checked: GenerationRequest) {
        guard checked.files == parameters.request.files else { return }
        fileProblems = problems.map {
            FileProblem(
                field: $0.field ?? checked.field(spokenOfIn: $0.sentence), sentence: $0.sentence)
        }
        guard let first = problems.first else { return }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        status = StatusMessage(.problem, first.sentence + more)
    }

    private mutating func learn(_ id: String, _ knowledge: Backend.Knowledge) {
        guard let index = backends.firstIndex(where: { $0.id == id }) else { return }
        backends[index].knowledge = knowledge
        refreshBackendItems()
        guard id == parameters.request.backend else { return }
        if case .failed(let problem) = knowledge {
            status = StatusMessage(.problem, problem)
        } else if isSwitchingBackend {
            explainBackend()
        }
    }

    private mutating func learn(_ tokens: PromptField.Tokens, of pane: Pane, _ revision: Int) {
        switch pane {
        case .prompt where prompt.editor.revision == revision: prompt.tokens = tokens
        case .negative where negative.editor.revision == revision: negative.tokens = tokens
        default: break
        }
    }

    private mutating func show(_ image: ImageReference, of entry: String, at index: Int) {
        guard preview.source == .entry(entry), preview.images.indices.contains(index) else {
            return
        }
        preview.images[index] = image
        preview.isFinal = true
    }

    /// Shows the entry of a job that has ended in place of the job.
    private mutating func take(_ entry: HistoryEntry) {
        preview.source = .entry(entry.id)
        history.show(entry.id)
        // What was kept of a run that was stopped takes the place of its previews.
        let count = Int(entry.pictureCount)
        if preview.images.count > count {
            preview.images.removeLast(preview.images.count - count)
        }
    }

    private mutating func keepInRange() {
        queueSelection = max(0, min(queueSelection, queue.jobs.count - 1))
        if !preview.images.indices.contains(preview.selection) { preview.selection = 0 }
        scrollEditors()
        scrollParameters()
        scrollHistory()
    }

    /// Keeps the selected entry visible; where it leaves the pane, the list moves by half a pane, so
    /// that its pictures stay in place for most steps.
    private mutating func scrollHistory() {
        guard let frame = StudioLayout(self).panes[.history] else { return }
        let shown = HistoryView.shownRows(self, in: frame)
        if history.selection < history.scroll {
            history.scroll = history.selection - shown / 2
        } else if history.selection >= history.scroll + shown {
            history.scroll = history.selection - (shown - 1) / 2
        }
        history.scroll = max(0, min(history.scroll, history.rows.count - shown))
    }

    /// How many small pictures are remembered before those out of view are forgotten.
    static let mostThumbnails = 256

    /// Forgets small pictures out of view when there are many: they are made again when their
    /// entries come back.
    private mutating func forgetThumbnails() {
        guard thumbnails.count >= Self.mostThumbnails else { return }
        let seen = Set(entriesWithThumbnails.map(\.id))
        thumbnails = thumbnails.filter { seen.contains($0.key) }
    }

    /// The entries in view, as far as there is room for small pictures beside them.
    private var entriesWithThumbnails: [HistoryEntry] {
        guard showsThumbnails, showsPictures, let frame = StudioLayout(self).panes[.history],
            HistoryView.thumbnailWidth(self, in: frame) > 0
        else { return [] }
        let end = min(history.rows.count, history.scroll + HistoryView.shownRows(self, in: frame))
        return history.scroll < end ? (history.scroll..<end).map { history.entry(at: $0) } : []
    }

    /// Asks for the small pictures of entries that have come into view.
    private mutating func wantedThumbnails() -> [Effect] {
        let wanted =
            entriesWithThumbnails
            .filter { thumbnails[$0.id] == nil && $0.pictureCount > 0 }.map(\.id)
        guard !wanted.isEmpty, wanted != askedThumbnails else { return [] }
        askedThumbnails = wanted
        return [.loadThumbnails(wanted)]
    }

    /// Keeps the selected parameter visible.
    private mutating func scrollParameters() {
        guard let frame = StudioLayout(self).panes[.parameters] else { return }
        let rows = max(1, frame.height - 2)
        let index = ParameterID.allCases.firstIndex(of: parameters.selection) ?? 0
        let last = max(0, ParameterID.allCases.count - rows)
        parameters.scroll = min(last, parameters.scroll)
        if index < parameters.scroll { parameters.scroll = index }
        if index >= parameters.scroll + rows { parameters.scroll = index - rows + 1 }
    }

    /// Ends the studio: the draft is saved by the runtime, running jobs are stopped.
    mutating func end() -> [Effect] {
        isEnding = true
        return [.saveDraft, .quit]
    }
}

extension AppEvent {
    /// Whether a folder was read.
    fileprivate var isFolder: Bool {
        if case .folder = self { true } else { false }
    }
}

extension GenerationRequest {
    /// The fields that decide which size a run has where none was given.
    fileprivate var canvas: [FieldValue] {
        [RequestField.initImage, .outpaint, .maskPadding].map { value(of: $0) }
    }

    /// The fields that name files, and those that decide whether the files fit.
    fileprivate var files: [FieldValue] {
        [
            RequestField.backend, .model, .vae, .refiner, .loras, .embeddings, .initImage,
            .maskImage, .outpaint, .controls, .imagePrompts, .safety, .safetyChecker,
        ].map { value(of: $0) }
    }
}
