import Foundation
import Generation
import Hashing
import Images

/// Examines the journal, and repairs what can be repaired.
public struct JournalCheck {
    /// What was found in one session file.
    public struct Finding: Codable, Hashable, Sendable {
        public var session: String
        public var jobs: Int
        /// Lines that are no records.
        public var damaged: [SessionContents.DamagedLine]
        /// Whether the last line is not complete.
        public var hasTornTail: Bool
        /// Records of newer programs, by kind.
        public var unknown: [String: Int]
        /// Pictures that are gone, as recorded.
        public var missingPictures: [String]
        /// Pictures whose pixels are not the recorded ones.
        public var changedPictures: [String]
        /// Where damaged lines were put, when they were.
        public var setAside: String?
        /// Why the session could not be read, when it could not.
        public var failure: String?

        /// Whether it is a folder, pipe or device, which is left alone.
        public var isSkipped = false

        /// Whether there is nothing to repair.
        public var isSound: Bool {
            damaged.isEmpty && !hasTornTail && (failure == nil || isSkipped)
        }
    }

    private let store: JournalStore

    /// Checks a journal.
    public init(store: JournalStore) {
        self.store = store
    }

    /// Examines every session file.
    ///
    /// - Parameters:
    ///   - comparesPictures: whether pictures are decoded and compared with their checksum.
    ///   - repairs: whether damaged lines are set aside and torn last lines removed. The index is
    ///     built anew.
    /// - Throws: ``JournalError`` when the folder cannot be read or a repair fails.
    public func run(comparesPictures: Bool = false, repairs: Bool = false) throws -> [Finding] {
        let index = try store.index()
        let names = index.sessions.map(\.name) + index.unreadableSessions
        let findings = try names.sorted().map { name in
            try examine(name, comparesPictures: comparesPictures, repairs: repairs)
        }
        if repairs { store.dropIndex() }
        return findings
    }

    private func examine(
        _ name: String, comparesPictures: Bool, repairs: Bool
    ) throws -> Finding {
        let url = store.sessions.appendingPathComponent(name)
        var finding = Finding(
            session: name, jobs: 0, damaged: [], hasTornTail: false, unknown: [:],
            missingPictures: [], changedPictures: [])
        do {
            let contents = try SessionContents.read(url)
            finding.jobs = contents.jobs.count
            finding.damaged = contents.damaged
            finding.hasTornTail = contents.hasTornTail
            finding.unknown = contents.unknown
            for job in contents.jobs where !job.isRemoved {
                for image in job.images {
                    examine(image, name, comparesPictures, &finding)
                }
            }
        } catch let error as JournalError {
            finding.failure = error.summary
            if case .notARegularFile = error { finding.isSkipped = true }
            return finding
        }
        if repairs, !finding.isSound { try repair(url, &finding) }
        return finding
    }

    private func examine(
        _ image: SavedImage, _ session: String, _ comparesPictures: Bool, _ finding: inout Finding
    ) {
        let url = store.pictureURL(image.path, session: session)
        guard FileManager.default.fileExists(atPath: url.path) else {
            finding.missingPictures.append(printable(image.path))
            return
        }
        // JPEG does not keep pixels.
        guard comparesPictures, url.pathExtension.lowercased() == "png" else { return }
        let pixels = try? ImageFile.read(url.path)
        if pixels?.pixelsSHA256 != image.pixelsSHA256 {
            finding.changedPictures.append(printable(image.path))
        }
    }

    private func repair(_ url: URL, _ finding: inout Finding) throws {
        let url = url.resolvingSymlinksInPath()
        let offsets = Set(finding.damaged.map(\.offset))
        let removed = try SessionRewriter.rewrite(url) { !offsets.contains($0.offset) }
        if !removed.isEmpty { try SessionFile.setAside(removed, from: url) }
        finding.setAside = SessionFile.sideFile(of: url).path
    }
}
