import Generation

/// Shows a run while it goes on: a bar for people, lines of JSON for programs, or nothing.
struct RunReporter {
    private let console: Console
    private let isJSON: Bool
    private var meter = ProgressMeter()
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    init(console: Console, isJSON: Bool) {
        self.console = console
        self.isJSON = isJSON
        start = clock.now
    }

    mutating func report(_ stage: Stage) {
        let state = meter.update(stage, at: seconds)
        if isJSON {
            emit(ProgressRecord(state))
        } else {
            console.progress(ProgressBar.line(state, columns: console.columns))
        }
    }

    func warn(_ text: String) {
        let text = printable(text)
        if isJSON {
            emit(ProgressRecord(stage: "warning", message: text))
        } else {
            console.note("Warning: \(text)")
        }
    }

    func saved(_ picture: SavedPicture) {
        if isJSON {
            emit(ProgressRecord(stage: "image", image: picture.index, path: picture.path))
        } else {
            let seed = picture.seed.map { "  seed \($0)" } ?? ""
            console.note(
                "\(printable(picture.path))\(seed)  \(picture.width)x\(picture.height)")
        }
    }

    /// Seconds since the run began.
    var seconds: Double {
        let (seconds, attoseconds) = start.duration(to: clock.now).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    private func emit(_ record: ProgressRecord) {
        if let line = try? MachineOutput.line(record) { console.note(line) }
    }
}
