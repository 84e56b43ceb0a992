import Foundation
import Generation
import Hashing
import Settings

@testable import History

/// A journal in a folder of its own that disappears with the test.
final class TemporaryJournal {
    let home: URL
    let folders: Folders
    let store: JournalStore
    static let engine = EngineIdentity(
        program: "latent 0.1.0", build: "test", cpuFeatures: ["avx2", "avx512_bf16"])

    init() throws {
        home = FileManager.default.temporaryDirectory.appendingPathComponent("latent-\(ULID())")
        folders = Folders(environment: ["LATENT_HOME": home.path])
        store = JournalStore(folders: folders)
        try Folders.create(home)
    }

    deinit {
        try? FileManager.default.removeItem(at: home)
    }

    func request(_ prompt: String, seed: UInt64 = 1) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt)
        request.width = 64
        request.height = 64
        request.steps = 4
        request.guidanceScale = 5
        request.seeds = [seed]
        return request
    }

    func image(_ path: String = "images/a.png", index: Int = 0) -> SavedImage {
        SavedImage(
            index: index, path: path, seed: 1, width: 64, height: 64,
            pixelsSHA256: String(repeating: "0", count: 64))
    }

    /// Queues, starts and finishes a job.
    @discardableResult
    func run(
        _ prompt: String, in session: SessionWriter, seed: UInt64 = 1, parent: ULID? = nil
    ) throws -> ULID {
        let job = try session.queue(
            QueuedJob(request: request(prompt, seed: seed), parent: parent))
        try session.started(job)
        try session.finished(job, FinishedJob(images: [image("images/\(job).png")]))
        return job
    }

    func summary(_ job: ULID) throws -> JobSummary {
        guard let summary = try store.index().job(job) else {
            throw JournalError.noSuchJob(job.description)
        }
        return summary
    }
}
