import Foundation
import Generation
import Images
import Settings

/// A selection of jobs as files that can go to another machine.
public struct JournalExport {
    /// What was written.
    public struct Summary: Codable, Hashable, Sendable {
        public var jobs: Int
        public var pictures: Int
        /// Pictures that are gone, as recorded.
        public var missing: [String]
    }

    private let store: JournalStore

    /// Exports from a journal.
    public init(store: JournalStore) {
        self.store = store
    }

    /// Writes `session.jsonl`, `images/` and `parameters.csv` into a folder, or into a ZIP archive
    /// when the destination ends with `.zip`. The session in it can be replayed where it lies.
    ///
    /// - Throws: ``JournalError``, ``ZipWriter/Failure``, or the error of the file system. A folder
    ///   that exists and is not empty is refused.
    public func write(_ jobs: [JobSummary], to destination: URL) throws -> Summary {
        let bundle = try bundle(of: jobs)
        if destination.pathExtension.lowercased() == "zip" {
            var archive = try ZipWriter(path: destination.path)
            try archive.add("session.jsonl", bundle.session)
            try archive.add("parameters.csv", Data(bundle.table.utf8))
            for picture in bundle.pictures {
                try archive.add(picture.name, try Data(contentsOf: picture.source))
            }
            try archive.finish()
        } else {
            try writeFolder(bundle, destination)
        }
        return Summary(
            jobs: jobs.count, pictures: bundle.pictures.count, missing: bundle.missing)
    }

    private func writeFolder(_ bundle: Bundle, _ folder: URL) throws {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        guard found.isEmpty else {
            throw JournalError.badValue("\(printable(folder.path)) exists and is not empty")
        }
        try Folders.create(folder.appendingPathComponent("images"))
        try AtomicFile.write(
            [UInt8](bundle.session), to: folder.appendingPathComponent("session.jsonl").path)
        try AtomicFile.write(
            Array(bundle.table.utf8), to: folder.appendingPathComponent("parameters.csv").path)
        for picture in bundle.pictures {
            try FileManager.default.copyItem(
                at: picture.source, to: folder.appendingPathComponent(picture.name))
        }
    }

    private struct Bundle {
        var session = Data()
        var table = ""
        var pictures: [(name: String, source: URL)] = []
        var missing: [String] = []
    }

    private func bundle(of jobs: [JobSummary]) throws -> Bundle {
        var bundle = Bundle()
        let groups = Dictionary(grouping: jobs, by: \.session)
        for (session, members) in groups.sorted(by: { $0.key < $1.key }) {
            let url = store.sessions.appendingPathComponent(session)
            let wanted = Set(members.map(\.id))
            try LineReader.forEachLine(of: url) { line in
                try add(line, of: session, wanted, to: &bundle)
            }
        }
        bundle.table = ParameterTable.csv(try store.details(of: jobs))
        return bundle
    }

    private func add(
        _ line: LineReader.Line, of session: String, _ wanted: Set<ULID>, to bundle: inout Bundle
    ) throws {
        guard !line.isTooLong, let head = RecordScanner(line.bytes) else { return }
        let isOpening = head.isKind("opened")
        guard isOpening || head.job.map({ wanted.contains($0) }) == true else { return }
        guard head.isKind("finished") || head.isKind("image"),
            var record = try? JournalRecord(line: Data(buffer: line.bytes))
        else {
            // Word for word, so that records of newer programs go along.
            bundle.session.append(Data(buffer: line.bytes) + [0x0A])
            return
        }
        switch record.content {
        case .finished(var details):
            for index in details.images.indices {
                move(&details.images[index], of: record.job, session, &bundle)
            }
            record.content = .finished(details)
        case .image(var image):
            move(&image, of: record.job, session, &bundle)
            record.content = .image(image)
        default: break
        }
        bundle.session.append(contentsOf: try record.line())
    }

    /// Gives a picture its place in the export.
    private func move(
        _ image: inout SavedImage, of job: ULID?, _ session: String, _ bundle: inout Bundle
    ) {
        let source = store.pictureURL(image.path, session: session)
        let suffix = source.pathExtension.lowercased()
        let isKnown = ["png", "jpg", "jpeg", "webp"].contains(suffix)
        let name = "images/\(job?.description ?? "job")-\(image.index).\(isKnown ? suffix : "png")"
        if FileManager.default.fileExists(atPath: source.path) {
            if !bundle.pictures.contains(where: { $0.name == name }) {
                bundle.pictures.append((name, source))
            }
        } else if !bundle.missing.contains(image.path) {
            bundle.missing.append(image.path)
        }
        image.path = name
    }
}
