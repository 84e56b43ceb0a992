import Generation
import Presets
import Screen

/// Running and waiting jobs.
enum QueueView {
    /// Each job takes two lines: its prompt, and where it stands.
    static let rowsPerJob = 2

    static func draw(_ state: AppState, _ area: Rect, _ painter: inout Painter) {
        let jobs = state.queue.jobs
        let inner = painter.box(
            area, title: Pane.queue.title, isFocused: state.focus == .queue,
            note: state.queue.isPaused ? "paused" : jobs.isEmpty ? "" : "\(jobs.count)")
        guard !inner.isEmpty else { return }
        if jobs.isEmpty {
            painter.text(
                "No jobs.", x: inner.x + 1, y: inner.y, width: inner.width - 2, role: .textDimmed)
            return
        }
        let shown = shownJobs(in: area)
        let first = firstJob(state, in: area)
        for row in 0..<shown where jobs.indices.contains(first + row) {
            let y = inner.y + row * rowsPerJob
            let frame = Rect(
                x: inner.x, y: y, width: inner.width, height: min(rowsPerJob, inner.maxY - y))
            draw(
                jobs[first + row], isSelected: first + row == state.queueSelection, state, frame,
                &painter)
        }
        painter.scrollMarks(inner, first: first, shown: shown, count: jobs.count)
    }

    /// What a job is; where the beginning is that of another one too, the end of it.
    private static func title(_ job: Job, among jobs: [Job], width: Int) -> String {
        let title = StageText.title(job)
        let head = TextWidth.truncated(title, to: width)
        guard head != title, width > 8 else { return title }
        let isShared = jobs.contains { other in
            let name = StageText.title(other)
            return other.id != job.id && name != title
                && TextWidth.truncated(name, to: width) == head
        }
        guard isShared else { return title }
        var tail = title[...]
        while TextWidth.width(of: String(tail)) > width - 1 { tail = tail.dropFirst() }
        return "…" + tail
    }

    /// The first job that a pane shows.
    static func firstJob(_ state: AppState, in frame: Rect) -> Int {
        let shown = shownJobs(in: frame)
        return max(0, min(state.queueSelection - shown / 2, state.queue.jobs.count - shown))
    }

    private static func shownJobs(in frame: Rect) -> Int {
        max(1, (frame.height - 2) / rowsPerJob)
    }

    private static func draw(
        _ job: Job, isSelected: Bool, _ state: AppState, _ area: Rect, _ painter: inout Painter
    ) {
        let isMarked = isSelected && state.focus == .queue
        if isMarked { painter.fill(area, role: .selection) }
        let background: ThemeRole? = isMarked ? .selection : nil
        let mark = job.isWaiting ? "·" : "▶"
        painter.text(
            mark, x: area.x, y: area.y, width: 1, role: job.isWaiting ? .textDimmed : .progress,
            on: background)
        painter.text(
            title(job, among: state.queue.jobs, width: area.width - 3), x: area.x + 2, y: area.y,
            width: area.width - 3, role: .text, on: background)
        guard area.height > 1 else { return }
        let row = Rect(x: area.x + 2, y: area.y + 1, width: area.width - 3, height: 1)
        guard case .running = job.phase else {
            let text = "\(StageText.text(job)) · \(job.request.backend)"
            painter.text(
                text, x: row.x, y: row.y, width: row.width, role: .textDimmed, on: background)
            return
        }
        let text = StageText.text(job)
        let width = min(row.width, TextWidth.width(of: text))
        painter.text(
            text, x: row.maxX - width, y: row.y, width: width, role: .textDimmed, on: background)
        painter.gauge(
            Rect(x: row.x, y: row.y, width: row.width - width - 1, height: 1),
            fraction: StageText.fraction(job), on: background)
    }
}
