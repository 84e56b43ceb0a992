import Foundation
import Generation
import Hashing
import History
import Studio

/// A journal that forgets with the program: for a private session (`--no-history`) and for tests.
public actor MemoryJournal: StudioJournal {
    /// A picture that is not there.
    struct MissingPicture: UserFacingError {
        /// Where it should be; nil where that is not known.
        var file: String?

        var summary: String {
            file.map { "its file is gone, \(printable($0))" }
                ?? "the picture is no longer there"
        }
        let hint: String? = nil
    }

    private var stored: [HistoryEntry] = []
    private var pictures: [String: [GeneratedImage]] = [:]
    private var removed: [String: HistoryEntry] = [:]
    private var next = 1
    private let date: @Sendable () -> Double

    /// An empty journal; `date` gives seconds since 1970.
    public init(date: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }) {
        self.date = date
    }

    /// Nothing can be left behind by an earlier program.
    public func recoverInterrupted() -> Int { 0 }

    public func entries() -> [HistoryEntry] { stored }

    public func entry(_ id: String) throws -> HistoryEntry {
        guard let entry = stored.first(where: { $0.id == id }) else { throw MissingPicture() }
        return entry
    }

    public func started(_ entry: String, _ request: GenerationRequest) {
        guard let index = stored.firstIndex(where: { $0.id == entry }) else { return }
        stored[index].request = request
    }

    public func leftRemote() -> [LeftJob] { [] }

    public func begin(
        _ request: GenerationRequest, parent: String?, origin: QueuedJob.Origin?, server: String?
    ) -> String {
        defer { next += 1 }
        let id = "run-\(next)"
        var entry = HistoryEntry(id: id, date: date(), request: request, status: .running)
        entry.parent = parent
        stored.insert(entry, at: 0)
        return id
    }

    public func accepted(_ entry: String, taskID: String) {}

    public func add(_ picture: GeneratedImage, to entry: String) {
        pictures[entry, default: []].append(picture)
        guard let index = stored.firstIndex(where: { $0.id == entry }) else { return }
        stored[index].pictures.append(
            .init(
                path: nil, seed: picture.seed, width: picture.image.width,
                height: picture.image.height))
    }

    public func finish(_ entry: String, _ outcome: RunOutcome) throws -> HistoryEntry {
        guard let index = stored.firstIndex(where: { $0.id == entry }) else {
            throw MissingPicture()
        }
        stored[index].request = outcome.request
        if outcome.status == .cancelled, let partial = outcome.partial {
            let seeds = outcome.request.seeds
            let seed = seeds.indices.contains(partial.index) ? seeds[partial.index] : nil
            pictures[entry, default: []].append(
                GeneratedImage(index: partial.index, seed: seed, image: partial.image))
            stored[index].pictures.append(
                .init(
                    path: nil, seed: seed, width: partial.image.width,
                    height: partial.image.height, isPartial: true))
        }
        stored[index].status = outcome.status
        stored[index].problem = outcome.problem
        return stored[index]
    }

    public func annotate(_ entry: HistoryEntry) {
        guard let index = stored.firstIndex(where: { $0.id == entry.id }) else { return }
        stored[index] = entry
    }

    public func delete(_ entry: String) {
        guard let index = stored.firstIndex(where: { $0.id == entry }) else { return }
        removed[entry] = stored.remove(at: index)
    }

    public func undelete(_ entry: HistoryEntry) {
        guard let old = removed.removeValue(forKey: entry.id) else { return }
        stored.insert(old, at: stored.firstIndex { $0.date < old.date } ?? stored.count)
    }

    public func picture(_ index: Int, of entry: String) throws -> PixelImage {
        guard let kept = pictures[entry], kept.indices.contains(index) else {
            throw MissingPicture()
        }
        return kept[index].image
    }

    public func pictureFile(_ index: Int, of entry: String) -> URL? { nil }

    public func replayItem(_ entry: String) throws -> ReplayItem {
        let kept = pictures[entry] ?? []
        return ReplayItem(
            source: .picture(path: entry), request: try self.entry(entry).request,
            expected: kept.map {
                .init(index: $0.index, pixelsSHA256: $0.image.pixelsSHA256, url: nil)
            })
    }

    /// Nobody else can write here.
    public func changes() -> AsyncStream<JournalChange> { AsyncStream { $0.finish() } }
}
