import Foundation
import Generation
import Presets
import Screen

/// One line that says what is going on.
enum StatusLine {
    static func draw(_ state: AppState, _ row: Rect, _ painter: inout Painter) {
        guard row.width > 2 else { return }
        painter.fill(row, role: .status)
        let right = settings(state)
        let rightWidth = min(TextWidth.width(of: right), row.width / 2)
        let message = state.status ?? explanation(state)
        if let message,
            TextWidth.width(of: message.text) > row.width - rightWidth - 4
        {
            // What went wrong is worth more than the settings, and than the folders of a file.
            let isTooLong = TextWidth.width(of: message.text) > row.width - 2
            painter.text(
                isTooLong ? ShortPaths.text(message.text) : message.text, x: row.x + 1, y: row.y,
                width: row.width - 2, role: role(message),
                on: .status)
            return
        }
        painter.text(
            right, x: row.maxX - rightWidth - 1, y: row.y, width: rightWidth, role: .textDimmed,
            on: .status)
        let width = row.width - rightWidth - 4
        if let message {
            painter.text(
                message.text, x: row.x + 1, y: row.y, width: width, role: role(message),
                on: .status)
        } else {
            painter.text(
                activity(state), x: row.x + 1, y: row.y, width: width,
                role: state.queue.running.isEmpty ? .textDimmed : .progress, on: .status)
        }
    }

    /// What the selected line of a list means, where the list has no room for all of it.
    private static func explanation(_ state: AppState) -> StatusMessage? {
        guard case .picker(let picker, let choice)? = state.layers.last, let item = picker.chosen,
            let frame = state.layers.last.flatMap({ LayerView.frame(of: $0, in: state) })
        else { return nil }
        if case .action = choice, let help = ActionID(rawValue: item.id).flatMap(Action.named)?.help
        {
            return StatusMessage(.information, help)
        }
        let detail = item.reason ?? item.detail
        guard !PickerView.showsAll(of: picker, width: frame.width - 2) else { return nil }
        return detail.isEmpty ? nil : StatusMessage(.information, "\(item.title): \(detail)")
    }

    private static func role(_ message: StatusMessage) -> ThemeRole {
        switch message.kind {
        case .information: .text
        case .success: .statusSuccess
        case .warning: .statusWarning
        case .problem: .statusProblem
        }
    }

    private static func activity(_ state: AppState) -> String {
        guard let job = state.queue.running.first else {
            return state.queue.isPaused ? "queue paused" : "ready"
        }
        var parts = [StageText.text(job)]
        if case .running(let progress) = job.phase, !job.isReplay {
            parts = [StageText.progress(progress)]
        }
        if job.isReplay { parts.insert("replay", at: 0) }
        let others = state.queue.running.count - 1
        if others > 0 { parts.append("\(others) more running") }
        let waiting = state.queue.waiting.count
        if waiting > 0 { parts.append("\(waiting) waiting") }
        return parts.joined(separator: " · ")
    }

    private static func settings(_ state: AppState) -> String {
        let request = state.filledRequest
        var parts = [request.backend]
        if let credits = state.credits[request.backend] {
            parts.append("\(credits.formatted(.number.precision(.fractionLength(0...2)))) credits")
        }
        if let model = request.model { parts.append(model) }
        if let width = request.width, let height = request.height {
            parts.append("\(width)×\(height)")
        }
        if let steps = request.steps { parts.append("\(steps) steps") }
        switch state.parameters.seed.mode {
        case .random: break
        case .fixed:
            let isList = state.parameters.seed.isList(of: state.parameters.count)
            parts.append("seed \(state.parameters.seed.value)" + (isList ? ", …" : ""))
        case .increment: parts.append("seed \(state.parameters.seed.value)+")
        }
        return parts.joined(separator: " · ")
    }
}
