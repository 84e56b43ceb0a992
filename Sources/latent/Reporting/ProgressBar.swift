import Generation

/// The progress line of a run as text.
enum ProgressBar {
    /// A line of at most `columns` characters.
    static func line(_ state: ProgressMeter.State, columns: Int) -> String {
        guard let done = state.stepsDone, let total = state.stepsInAll, total > 0 else {
            return cut(name(of: state.stage), columns)
        }
        var text = " step \(done)/\(total)"
        if let rate = state.secondsPerStep { text += "  \(rateText(rate))" }
        if let left = state.secondsLeft { text += "  ETA \(duration(left))" }
        let room = columns - text.count - 3
        guard room >= 10 else { return cut(String(text.dropFirst()), columns) }
        let width = min(40, room)
        let filled = width * done / total
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: "-", count: width - filled)
        return "[\(bar)]\(text)"
    }

    /// What a stage is called for people.
    static func name(of stage: Stage) -> String {
        switch stage {
        case .queued(let position?): "queued, position \(position)"
        case .queued(nil): "queued"
        case .uploading: "uploading"
        case .loading(let fraction): "loading \(Int((fraction * 100).rounded()))%"
        case .encodingText: "encoding text"
        case .encodingImage: "encoding the initial picture"
        case .sampling(let step, let count, _, _): "step \(step)/\(count)"
        case .decoding(let image, let count):
            count > 1 ? "decoding picture \(image + 1) of \(count)" : "decoding"
        case .downloading: "downloading"
        case .finished: "finished"
        }
    }

    /// `0:07`, `12:30`, `1:02:03`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e7 else { return "?" }
        let whole = Int(seconds.rounded())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return whole < 3600
            ? "\(whole / 60):\(two(whole % 60))"
            : "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }

    /// Seconds per step when slow, steps per second when quick.
    static func rateText(_ secondsPerStep: Double) -> String {
        secondsPerStep >= 1
            ? "\(decimal(secondsPerStep)) s/step"
            : "\(decimal(1 / max(secondsPerStep, 1e-6))) steps/s"
    }

    /// Two decimals.
    static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    private static func cut(_ text: String, _ columns: Int) -> String {
        String(text.prefix(max(0, columns - 1)))
    }
}
