import Foundation
import Generation
import Hashing
import History
import Settings

@testable import StudioRuntime

/// A journal in a folder of its own that disappears with the test.
final class JournalOnDisk {
    let home: URL
    let folders: Folders
    let store: JournalStore
    static let engine = EngineIdentity(program: "latent 0.1.0", build: "test", cpuFeatures: [])

    init() throws {
        home = FileManager.default.temporaryDirectory.appendingPathComponent("latent-\(ULID())")
        folders = Folders(environment: ["LATENT_HOME": home.path])
        store = JournalStore(folders: folders)
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    func studioJournal(session: String? = nil) throws -> SessionJournal {
        try SessionJournal(folders: folders, session: session) { Self.engine }
    }

    func request(_ prompt: String, seed: UInt64) -> GenerationRequest {
        var request = GenerationRequest(prompt: prompt)
        request.backend = "fake"
        request.width = 64
        request.height = 64
        request.steps = 4
        request.seeds = [seed]
        return request
    }

    /// A session whose program is gone, with a finished job for each prompt.
    ///
    /// - Returns: the name of the session.
    @discardableResult
    func finishedSession(_ prompts: String...) throws -> String {
        let session = store.openSession(Self.engine)
        for prompt in prompts {
            let job = try session.queue(QueuedJob(request: request(prompt, seed: 1)))
            try session.started(job)
            try session.finished(job, FinishedJob(images: []))
        }
        session.close()
        return session.sessionName
    }

    /// A job that was running when its program went away.
    @discardableResult
    func interruptedJob(_ prompt: String, seed: UInt64) throws -> ULID {
        let session = store.openSession(Self.engine)
        let job = try session.queue(QueuedJob(request: request(prompt, seed: seed)))
        try session.started(job)
        session.close()
        return job
    }
}
