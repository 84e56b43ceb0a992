import Generation
import Presets

/// Where a job stands, in words.
enum StageText {
    static func text(_ job: Job) -> String {
        job.isReplay && !job.isWaiting && job.phase != .stopping
            ? "entry \(min(job.replays.count, job.replayed + 1)) of \(job.replays.count), \(stage(job))"
            : stage(job)
    }

    /// The stage of what a job does at the moment.
    static func stage(_ job: Job) -> String {
        switch job.phase {
        case .waiting: "waiting"
        case .stopping: "stopping"
        case .running(let progress): progress.stage.map(text) ?? "starting"
        }
    }

    static func text(_ stage: Stage) -> String {
        switch stage {
        case .queued(let position):
            position.map { "waiting at the service, \($0) ahead" } ?? "waiting at the service"
        case .uploading: "sending files"
        case .loading(let fraction): "loading the model, \(Int(fraction * 100)) %"
        case .encodingText: "reading the prompt"
        case .encodingImage: "reading the picture"
        case .sampling(let step, let count, let image, let images):
            images > 1
                ? "picture \(image + 1) of \(images), step \(step)/\(count)"
                : "step \(step)/\(count)"
        case .decoding: "decoding"
        case .downloading: "fetching pictures"
        case .finished: "finished"
        }
    }

    /// What a job is, in one line.
    static func title(_ job: Job) -> String {
        if job.isReplay {
            let what = job.replays.count == 1 ? "an entry" : "\(job.replays.count) entries"
            return "Replay of \(what)"
        }
        if job.resumes != nil { return "Fetching " + prompt(job) }
        return prompt(job)
    }

    private static func prompt(_ job: Job) -> String {
        String(job.request.prompt.prefix(200).map { $0.isNewline ? " " : $0 })
    }

    /// The share of a job that is done, 0...1.
    static func fraction(_ job: Job) -> Double {
        guard case .running(let progress) = job.phase else { return 0 }
        guard job.isReplay else { return progress.fraction }
        return (Double(job.replayed) + progress.fraction) / Double(job.replays.count)
    }

    /// Stage, seconds per step and the time that is left.
    static func progress(_ progress: Progress) -> String {
        var parts = [progress.stage.map(text) ?? "starting"]
        if let step = progress.secondsPerStep { parts.append(perStep(step)) }
        if let left = progress.remaining, progress.stepsDone < progress.stepsTotal {
            parts.append("\(Duration.text(left)) left")
        }
        return parts.joined(separator: " · ")
    }

    private static func perStep(_ seconds: Double) -> String {
        if seconds < 0.095 { return "\(Int((seconds * 1000).rounded())) ms/step" }
        return "\(Duration.text(seconds))/step"
    }
}
