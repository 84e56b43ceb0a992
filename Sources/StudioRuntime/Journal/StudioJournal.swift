import Foundation
import Generation
import History
import Studio

/// The journal as the studio sees it.
public protocol StudioJournal: Sendable {
    /// Marks jobs whose program is gone as interrupted. Called once, at the start.
    ///
    /// - Returns: how many there were.
    func recoverInterrupted() async throws -> Int

    /// Jobs of programs which are gone that a service had taken, and nobody has taken up since;
    /// oldest first.
    func leftRemote() async throws -> [LeftJob]

    /// All entries, newest first.
    func entries() async throws -> [HistoryEntry]

    /// One entry with every field of its request.
    func entry(_ id: String) async throws -> HistoryEntry

    /// Writes down that a request begins, before any work.
    ///
    /// - Parameter server: where it is sent, when that is not the backend's own address.
    /// - Returns: the name of the new entry.
    func begin(
        _ request: GenerationRequest, parent: String?, origin: QueuedJob.Origin?, server: String?
    ) async throws -> String

    /// Writes down the request as the backend runs it.
    func started(_ entry: String, _ request: GenerationRequest) async throws

    /// Writes down what a service calls the job, before anything else is done about it.
    func accepted(_ entry: String, taskID: String) async throws

    /// Keeps a finished picture of a run.
    func add(_ picture: GeneratedImage, to entry: String) async throws

    /// Writes down how a run ended.
    ///
    /// - Returns: the entry as it is kept.
    func finish(_ entry: String, _ outcome: RunOutcome) async throws -> HistoryEntry

    /// Keeps star, tags and note of an entry.
    func annotate(_ entry: HistoryEntry) async throws

    /// Takes an entry out, and brings it back.
    func delete(_ entry: String) async throws
    func undelete(_ entry: HistoryEntry) async throws

    /// The pixels of a picture that was kept.
    func picture(_ index: Int, of entry: String) async throws -> PixelImage

    /// The file of a picture that was kept; nil where there are no files.
    func pictureFile(_ index: Int, of entry: String) async throws -> URL?

    /// What is needed to run an entry again and to compare.
    func replayItem(_ entry: String) async throws -> ReplayItem

    /// What other processes write, as it comes; ends when nobody listens any more.
    func changes() async -> AsyncStream<JournalChange>
}

/// What somebody else has written into the journal.
public struct JournalChange: Sendable {
    /// Entries that are new or have changed.
    public var entries: [HistoryEntry]
    /// Names of entries that are no longer there.
    public var gone: [String]

    public init(entries: [HistoryEntry], gone: [String] = []) {
        self.entries = entries
        self.gone = gone
    }
}
