import Foundation
import Generation
import Hashing
import History
import Settings
import Synchronization

/// Writes a job's life into the journal, or nowhere with `--no-history`.
///
/// Once a job is queued, a journal that cannot be written must not cost the pictures: what goes
/// wrong is kept in ``complaints`` and told at the end.
final class JobRecorder: Sendable {
    /// The job's identifier.
    let id: String
    /// This build and machine; nil for remote backends.
    let engine: EngineIdentity?
    /// Weight files and pictures that take part, by content.
    let files: [FileIdentity]
    private let job: ULID
    private let store: JournalStore
    private let session: SessionWriter?
    private let failures = Mutex<[String]>([])

    /// Whether there is a journal entry.
    var isRecording: Bool { session != nil }

    /// Records the request before any of its work starts.
    ///
    /// - Parameter baseURL: the server, where one was named for this job alone.
    /// - Throws: a ``UserFacingError`` when the journal cannot be written.
    init(
        request: GenerationRequest, files: [FileIdentity], isRecording: Bool, folders: Folders,
        parent: ULID? = nil, origin: QueuedJob.Origin? = nil, baseURL: String? = nil
    ) throws {
        self.files = files
        let identity = ProgramIdentity.current()
        engine = ["local", "fake"].contains(request.backend) ? identity : nil
        store = JournalStore(folders: folders)
        session = isRecording ? store.joinDailySession(identity) : nil
        let queued = QueuedJob(
            request: request, parent: parent, origin: origin, files: files,
            baseURL: baseURL.flatMap { RemoteBackends.recordedAddress($0) })
        job = try session?.queue(queued) ?? ULID()
        id = job.description
    }

    /// An identifier for a job that is only planned.
    static func newID() -> String { ULID().description }

    /// SHA-256 of the files by role, as pictures carry them.
    var modelHashes: [String: String] {
        Dictionary(files.map { ($0.role, $0.sha256) }) { first, _ in first }
    }

    /// What could not be recorded, in words.
    var complaints: [String] { failures.withLock { $0 } }

    /// The request as the backend runs it.
    func started(_ request: GenerationRequest) {
        record { try $0.started(job, StartedJob(request: request)) }
    }

    func accepted(taskID: String) {
        record { try $0.accepted(job, taskID: taskID) }
    }

    func saved(_ picture: SavedPicture) {
        record { try $0.saved(job, image(picture)) }
    }

    func finished(_ result: GenerationResult) {
        let details = FinishedJob(
            images: result.pictures.map(image), summary: result.summary, warnings: result.warnings,
            remote: Self.remote(result))
        record { try $0.finished(job, details) }
    }

    /// What a service said beside the pictures.
    private static func remote(_ result: GenerationResult) -> [String: String]? {
        var remote: [String: String] = [:]
        remote["taskID"] = result.acceptedTaskID
        remote["remainingCredits"] = result.summary.remainingCredits.map { "\($0)" }
        return remote.isEmpty ? nil : remote
    }

    func failed(_ error: any Error) {
        record { try $0.failed(job, error) }
    }

    func cancelled() {
        record { try $0.cancelled(job) }
    }

    private func image(_ picture: SavedPicture) -> SavedImage {
        SavedImage(
            index: picture.index, path: store.recordedPath(of: URL(fileURLWithPath: picture.path)),
            seed: picture.seed, width: picture.width, height: picture.height,
            pixelsSHA256: picture.pixelsSHA256, isFlagged: picture.isFlagged,
            safetyScore: picture.safetyScore)
    }

    private func record(_ write: (SessionWriter) throws -> Void) {
        guard let session else { return }
        do {
            try write(session)
        } catch let error as any UserFacingError {
            complain(error.summary)
        } catch {
            complain("The journal could not be written: \(error.localizedDescription)")
        }
    }

    private func complain(_ text: String) {
        failures.withLock { if !$0.contains(text) { $0.append(text) } }
    }
}
