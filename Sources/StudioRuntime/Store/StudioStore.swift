import Generation
import Screen
import Studio

/// Owns the state: takes events, updates, has effects carried out, renders.
///
/// The loop takes all events that wait before it renders, and renders only when something changed:
/// at most every 16 ms, looks of jobs every 33 ms, steps four times a second; a key does not wait for
/// the pace of the others. It runs on a thread of its own.
actor StudioStore {
    /// Seconds between two frames.
    private static let frameTime = 0.016
    /// The same while nothing but stages and looks of jobs comes.
    private static let progressTime = 0.033
    /// The same while nothing but steps comes: to show one takes time of the cores that compute, and
    /// nobody reads more of them.
    private static let stepTime = 0.25

    nonisolated let inbox: EventInbox
    private nonisolated let executor: ThreadExecutor
    private let dependencies: StudioDependencies
    private let runner: EffectRunner
    private let board: PictureBoard
    private var state: AppState
    private var lastFrame: Frame?
    private var lastGraphics: [PlacedGraphic] = []
    private var renderedAt = -1.0
    /// When a person was answered last.
    private var answeredAt = -1.0
    private var draftTask: Task<Void, Never>?
    private var sheetTask: Task<Void, Never>?
    private var tokenTasks: [Pane: Task<Void, Never>] = [:]
    private var clockTask: Task<Void, Never>?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    init(_ dependencies: StudioDependencies, state: AppState) {
        self.dependencies = dependencies
        self.state = state
        executor = ThreadExecutor(name: "studio")
        inbox = EventInbox()
        let images = ImageStore()
        runner = EffectRunner(dependencies, inbox: inbox, images: images)
        board = PictureBoard(dependencies.pictures, images: images, inbox: inbox)
    }

    /// Works until the studio is left, then stops what runs and saves the draft.
    func run() async {
        await perform([.loadHistory, .describeBackend(state.parameters.request)])
        await perform(state.wantedCells)
        runner.watchJournal()
        await runner.loadLibrary()
        if !state.prompt.editor.isEmpty { countTokens(.prompt) }
        if !state.negative.editor.isEmpty { countTokens(.negative) }
        while !state.isEnding {
            await inbox.wait()
            let delivery = inbox.drain()
            await take(delivery.events)
            let urgency = await waitForFrame(delivery.urgency)
            await render()
            if urgency == .input { answeredAt = dependencies.now() }
        }
        await finish()
    }

    /// Waits until the next frame is due, and takes what comes meanwhile.
    private func waitForFrame(_ first: EventInbox.Urgency) async -> EventInbox.Urgency {
        var urgency = first
        while !state.isEnding {
            let due =
                switch urgency {
                case .step: renderedAt + Self.stepTime
                case .progress: renderedAt + Self.progressTime
                case .news: renderedAt + Self.frameTime
                case .input: answeredAt + Self.frameTime
                }
            let seconds = due - dependencies.now()
            guard seconds > 0 else { break }
            let timer = Task {
                try? await Task.sleep(for: .seconds(seconds))
                if !Task.isCancelled { inbox.endWait() }
            }
            if urgency == .input {
                await timer.value
            } else {
                await inbox.wait(moreUrgentThan: urgency)
            }
            timer.cancel()
            let delivery = inbox.drain()
            urgency = max(urgency, delivery.urgency)
            await take(delivery.events)
        }
        return urgency
    }

    /// Hands on what the terminal tells. On this thread: the shared ones may be busy with pictures.
    func read(_ events: AsyncStream<TerminalEvent>) async {
        for await event in events { inbox.post(.terminal(event)) }
    }

    /// Lets the thread end. Call it last.
    nonisolated func stopThread() { executor.stop() }

    private func take(_ events: [AppEvent]) async {
        // Nothing ticks while nothing runs, and a job begins when a key says so.
        state.now = max(state.now, dependencies.now())
        for event in events {
            await perform(state.update(event))
            if state.isEnding { return }
        }
        keepClock()
    }

    private func render() async {
        guard state.size != .zero else { return }
        let frame = StudioView.render(state)
        let graphics = board.graphics(
            for: frame.placements, cell: state.cellPixels ?? Size(width: 10, height: 20),
            now: dependencies.now())
        guard frame != lastFrame || graphics != lastGraphics else { return }
        let newBytes = graphics.filter { !lastGraphics.contains($0) }.reduce(0) {
            $0 + $1.byteCount
        }
        lastFrame = frame
        lastGraphics = graphics
        renderedAt = dependencies.now()
        await dependencies.terminal.present(frame, graphics: graphics)
        if newBytes > 0 { followPictures(newBytes, since: renderedAt) }
    }

    /// Lets the board know how long the connection takes for pictures.
    private func followPictures(_ bytes: Int, since start: Double) {
        board.sending()
        Task {
            await dependencies.terminal.drained()
            board.sent(bytes, since: start, now: dependencies.now())
        }
    }

    private func perform(_ effects: [Effect]) async {
        for effect in effects {
            switch effect {
            case .saveDraft: saveDraftSoon()
            case .saveSheet: saveSheetSoon()
            case .countTokens(let pane): countTokens(pane)
            case .redraw: await redraw()
            case .suspend: await dependencies.terminal.stop()
            case .quit: break
            case .openEditor(let pane, let text):
                await runner.openEditor(pane, text)
                await redraw()
            default: runner.perform(effect)
            }
        }
    }

    private func redraw() async {
        lastFrame = nil
        board.renew()
        await dependencies.terminal.invalidate()
        inbox.requestRender()
    }

    /// Saves half a second after the first of several changes.
    private func saveDraftSoon() {
        guard draftTask == nil else { return }
        draftTask = Task {
            try? await Task.sleep(for: .milliseconds(500))
            saveDraft()
        }
    }

    private func saveDraft() {
        draftTask = nil
        do {
            try dependencies.drafts.save(state.draft)
        } catch {
            inbox.post(
                .message(
                    StatusMessage(
                        .warning,
                        "the draft could not be saved: \(printable("\(error)", limit: 120))")))
        }
    }

    /// Saves off this thread: a large grid is a large file.
    private func saveSheetSoon() {
        guard sheetTask == nil else { return }
        sheetTask = Task {
            try? await Task.sleep(for: .milliseconds(300))
            sheetTask = nil
            await saveSheet(state.sheet)
        }
    }

    private func saveSheet(_ sheet: Sheet?) async {
        let drafts = dependencies.drafts
        do {
            try await Task.detached { try drafts.saveSheet(sheet) }.value
        } catch {
            inbox.post(
                .message(
                    StatusMessage(
                        .warning,
                        "the grid could not be saved: \(printable("\(error)", limit: 120))")))
        }
    }

    /// Counts once typing pauses.
    private func countTokens(_ pane: Pane) {
        guard let counter = dependencies.tokens else { return }
        tokenTasks[pane]?.cancel()
        tokenTasks[pane] = Task {
            try? await Task.sleep(for: .milliseconds(60))
            guard !Task.isCancelled else { return }
            let editor = pane == .prompt ? state.prompt.editor : state.negative.editor
            let tokens = await Task.detached { await counter.count(editor.text) }.value
            inbox.post(.tokens(pane, revision: editor.revision, tokens))
        }
    }

    /// A tick a second while a job runs; none when nothing moves.
    private func keepClock() {
        guard state.needsClock else {
            clockTask?.cancel()
            clockTask = nil
            return
        }
        guard clockTask == nil else { return }
        clockTask = Task {
            while (try? await Task.sleep(for: .seconds(1))) != nil {
                inbox.post(.tick(at: dependencies.now()))
            }
        }
    }

    private func finish() async {
        clockTask?.cancel()
        draftTask?.cancel()
        for task in tokenTasks.values { task.cancel() }
        saveDraft()
        let sheet = state.sheet
        sheetTask?.cancel()
        if sheet != nil { await saveSheet(sheet) }
        await runner.finish()
    }
}
