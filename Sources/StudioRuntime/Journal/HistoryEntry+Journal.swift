import Foundation
import Generation
import History
import Studio

extension HistoryEntry {
    /// What the list shows of a job; the request is filled in when the entry is opened.
    init(_ job: JobSummary) {
        var brief = Brief(
            id: job.id.description, date: job.queuedAt.timeIntervalSince1970,
            status: Status(job.status), prompt: job.prompt)
        brief.seed = job.seed
        brief.pictureCount = job.imageCount
        brief.settings.backend = job.backend
        brief.settings.negativePrompt = job.negativePrompt
        brief.settings.model = job.model
        brief.settings.sampler = job.sampler.flatMap { Sampler(rawValue: $0) }
        brief.settings.width = job.width
        brief.settings.height = job.height
        brief.settings.steps = job.steps
        self.init(brief)
        session = job.session
        isStarred = job.isStarred
        tags = job.tags
        note = job.note ?? ""
        parent = job.parent?.description
    }

    /// Everything about a job.
    init(
        _ job: JobSummary, _ request: GenerationRequest, _ images: [SavedImage],
        _ failure: FailedJob?, warnings: [String]
    ) {
        self.init(job)
        fill(
            with: request, pictures: images.sorted { $0.index < $1.index }.map { Picture($0) })
        problem = failure?.sentence
        self.warnings = warnings
    }

    /// A job of a session that is not in the journal.
    init(_ job: JobDetails) {
        self.init(
            id: job.id.description, date: job.queuedAt.timeIntervalSince1970, request: job.request,
            status: Status(job.status),
            pictures: job.images.sorted { $0.index < $1.index }.map { Picture($0) })
        problem = job.failure?.sentence
        warnings = job.warnings
        isStarred = job.isStarred
        tags = job.tags
        note = job.note ?? ""
        parent = job.parent?.description
    }
}

extension HistoryEntry.Picture {
    fileprivate init(_ image: SavedImage) {
        self.init(
            path: image.path, seed: image.seed, width: image.width, height: image.height,
            isPartial: image.isPartial ?? false)
    }
}

extension HistoryEntry.Status {
    fileprivate init(_ status: JobStatus) {
        switch status {
        case .queued, .running: self = .running
        case .finished: self = .finished
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case .interrupted: self = .interrupted
        }
    }
}

extension FailedJob {
    /// What went wrong and what to do about it.
    fileprivate var sentence: String { hint.map { "\(summary) (\($0))" } ?? summary }
}
