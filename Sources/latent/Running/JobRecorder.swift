import Foundation
import Generation
import Synchronization

/// Writes a job's life into the journal, or nowhere with `--no-history`.
///
/// Once a job is queued, a journal that cannot be written must not cost the pictures: what goes
/// wrong is kept in ``complaints`` and told at the end.
final class JobRecorder: Sendable {
    /// The job's identifier.
    let id: String
    /// Whether there is a journal entry.
    let isRecording: Bool
    private let failures = Mutex<[String]>([])

    /// Records the request before any of its work starts.
    ///
    /// - Throws: a ``UserFacingError`` when the journal cannot be written.
    init(request: GenerationRequest, isRecording: Bool) throws {
        id = Self.newID()
        self.isRecording = isRecording
    }

    /// A new job identifier.
    static func newID() -> String { UUID().uuidString }

    /// What could not be recorded, in words.
    var complaints: [String] { failures.withLock { $0 } }

    func started(_ request: GenerationRequest) {}
    func accepted(taskID: String) {}
    func saved(_ picture: SavedPicture) {}
    func finished(_ result: GenerationResult) {}
    func failed(_ error: any Error) {}
    func cancelled() {}
}
