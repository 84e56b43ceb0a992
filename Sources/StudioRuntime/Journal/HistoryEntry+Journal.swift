import Foundation
import Generation
import History
import Studio

extension HistoryEntry {
    /// What the list shows of a job; the request is filled in when the entry is opened.
    init(_ job: JobSummary) {
        var request = GenerationRequest(prompt: job.prompt)
        request.negativePrompt = job.negativePrompt
        request.backend = job.backend
        request.model = job.model
        request.sampler = job.sampler.flatMap { Sampler(rawValue: $0) }
        request.width = job.width
        request.height = job.height
        request.steps = job.steps
        request.seeds = job.seed.map { [$0] } ?? []
        self.init(
            id: job.id.description, date: job.queuedAt.timeIntervalSince1970, request: request,
            status: Status(job.status),
            pictures: (0..<job.imageCount).map { _ in
                Picture(
                    path: nil, seed: job.seed, width: job.width ?? 1, height: job.height ?? 1)
            })
        session = job.session
        isComplete = false
        isStarred = job.isStarred
        tags = job.tags
        note = job.note ?? ""
        parent = job.parent?.description
    }

    /// Everything about a job.
    init(_ job: JobSummary, _ details: JobDetails) {
        self.init(job)
        request = details.request
        pictures = details.images.sorted { $0.index < $1.index }.map { Picture($0) }
        problem = details.failure?.sentence
        isComplete = true
    }

    /// A job of a session that is not in the journal.
    init(_ job: JobDetails) {
        self.init(
            id: job.id.description, date: job.queuedAt.timeIntervalSince1970, request: job.request,
            status: Status(job.status),
            pictures: job.images.sorted { $0.index < $1.index }.map { Picture($0) })
        problem = job.failure?.sentence
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
