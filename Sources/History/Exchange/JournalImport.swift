import Foundation
import Generation
import Hashing
import Images
import Settings

/// Takes jobs into the journal: exports of this program, and pictures of any tool that records how
/// it made them.
public struct JournalImport {
    /// What was taken in.
    public struct Summary: Codable, Hashable, Sendable {
        public var jobs = 0
        public var pictures = 0
        /// What was left out and why, in sentences safe for a terminal.
        public var notes: [String] = []

        /// Nothing yet.
        public init() {}
    }

    private let store: JournalStore
    private let images: URL
    private let engine: EngineIdentity

    /// Imports into a journal; pictures go to `images` in the data folder.
    public init(store: JournalStore, engine: EngineIdentity) {
        self.store = store
        self.engine = engine
        images = store.data.appendingPathComponent("images")
    }

    /// Imports an exported folder or ZIP archive, a session file, a picture, or a folder of pictures
    /// (with its subfolders). Jobs that are in the journal already are left alone.
    ///
    /// - Throws: ``JournalError``, or the error of the file system.
    public func run(_ source: URL) throws -> Summary {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: source.path, isDirectory: &isFolder) else {
            throw JournalError.badValue("There is no \(printable(source.path))")
        }
        var summary = Summary()
        if isFolder.boolValue {
            let session = source.appendingPathComponent("session.jsonl")
            if FileManager.default.fileExists(atPath: session.path) {
                try importSession(session, into: &summary)
            } else {
                try importPictures(pictures(in: source), into: &summary)
            }
        } else {
            try SessionFile.requireRegular(source.path)
            switch source.pathExtension.lowercased() {
            case "jsonl": try importSession(source, into: &summary)
            case "zip": try importArchive(source, into: &summary)
            default: try importPictures([source], into: &summary)
            }
        }
        return summary
    }

    // MARK: Sessions

    /// Copies a session word for word into the journal, and its pictures into the data folder.
    private func importSession(_ url: URL, into summary: inout Summary) throws {
        let contents = try SessionContents.readSession(at: url)
        let index = try store.index()
        let all = Set(contents.jobs.map(\.id))
        let new = all.subtracting(index.jobs(all).keys)
        if new.count < all.count {
            summary.notes.append("\(all.count - new.count) jobs are here already")
        }
        if !contents.damaged.isEmpty {
            summary.notes.append("\(contents.damaged.count) damaged lines are left out")
        }
        guard !new.isEmpty else { return }
        let folder = url.deletingLastPathComponent()
        var lines: [UInt8] = []
        try LineReader.forEachLine(of: url) { line in
            guard !line.isTooLong, let head = RecordScanner(line.bytes) else { return }
            guard head.job.map({ new.contains($0) }) ?? true else { return }
            lines += importedLine(line, head, from: folder, &summary)
        }
        try JournalStore.createFolders(
            sessions: store.sessions, locks: store.sessions.appendingPathComponent(".locks"))
        let session = ULID()
        let day = RecordTime.text(of: contents.jobs.first?.queuedAt ?? Date()).prefix(10)
        let name = "\(day)-\(session)\(JournalStore.importedSuffix)"
        try store.append(lines, to: store.sessions.appendingPathComponent(name))
        summary.jobs += new.count
    }

    private func importedLine(
        _ line: LineReader.Line, _ head: RecordScanner, from folder: URL, _ summary: inout Summary
    ) -> [UInt8] {
        let whole = Array(line.bytes) + [0x0A]
        guard head.isKind("finished") || head.isKind("image"),
            var record = try? JournalRecord(line: Data(buffer: line.bytes))
        else { return whole }
        switch record.content {
        case .finished(var details):
            for index in details.images.indices {
                copy(&details.images[index], of: record.job, from: folder, &summary)
            }
            record.content = .finished(details)
        case .image(var image):
            copy(&image, of: record.job, from: folder, &summary)
            record.content = .image(image)
        default: break
        }
        return (try? record.line()) ?? whole
    }

    /// Copies a picture that lies in the imported folder. A path that leads out of it (`..`, a link,
    /// an absolute path) is not followed.
    private func copy(
        _ image: inout SavedImage, of job: ULID?, from folder: URL, _ summary: inout Summary
    ) {
        let source = folder.appendingPathComponent(image.path).resolvingSymlinksInPath()
        let root = folder.resolvingSymlinksInPath().path + "/"
        guard !image.path.hasPrefix("/"), source.path.hasPrefix(root),
            let data = try? Data(contentsOf: source),
            let format = ImageFormat(firstBytes: data.prefix(16))
        else {
            summary.notes.append("no picture at \(printable(image.path, limit: 200))")
            return
        }
        let name =
            "\(job?.description ?? ULID().description)-\(image.index).\(format.fileExtension)"
        let target = images.appendingPathComponent(name)
        image.path = store.recordedPath(of: target)
        guard !FileManager.default.fileExists(atPath: target.path) else { return }
        do {
            try Folders.create(images)
            try AtomicFile.write([UInt8](data), to: target.path)
            summary.pictures += 1
        } catch {
            summary.notes.append("cannot write \(printable(target.path)): \(error)")
        }
    }

    /// Unpacks an archive beside the cache and imports the folder.
    private func importArchive(_ url: URL, into summary: inout Summary) throws {
        let archive = try ZipReader(try Data(contentsOf: url, options: .mappedIfSafe))
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-import-\(ULID())")
        try Folders.create(folder.appendingPathComponent("images"))
        defer { try? FileManager.default.removeItem(at: folder) }
        for entry in archive.entries {
            let name = entry.name
            // Only names that this program gives; nothing else is written anywhere.
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            let isPicture = parts.count == 2 && parts[0] == "images" && !parts[1].hasPrefix(".")
            guard name == "session.jsonl" || isPicture else { continue }
            guard let content = archive.content(of: entry) else {
                summary.notes.append("\(printable(name, limit: 100)) in the archive is damaged")
                continue
            }
            try content.write(to: folder.appendingPathComponent(name))
        }
        try importSession(folder.appendingPathComponent("session.jsonl"), into: &summary)
    }

    // MARK: Pictures

    private func pictures(in folder: URL) -> [URL] {
        let names =
            FileManager.default.enumerator(atPath: folder.path)?
            .compactMap { $0 as? String } ?? []
        return names.filter { name in
            ["png", "jpg", "jpeg", "webp"].contains(
                URL(fileURLWithPath: name).pathExtension.lowercased())
        }.sorted().map { folder.appendingPathComponent($0) }
    }

    /// One job per picture that says how it was made. The pictures stay where they are.
    private func importPictures(_ files: [URL], into summary: inout Summary) throws {
        let index = try store.index()
        var known = Set(
            index.segments.flatMap { segment in
                segment.rows.compactMap { segment.text($0.firstImage) }
            })
        let session = store.openSession(engine)
        defer { session.close() }
        for file in files {
            let path = store.recordedPath(of: file)
            guard known.insert(path).inserted else {
                summary.notes.append("\(printable(file.lastPathComponent)) is here already")
                continue
            }
            do {
                guard try importPicture(file, path, session, index) else {
                    summary.notes.append(
                        "the job of \(printable(file.lastPathComponent)) is here already")
                    continue
                }
                summary.jobs += 1
                summary.pictures += 1
            } catch let error as JournalError {
                throw error
            } catch {
                summary.notes.append("\(printable(file.lastPathComponent)): \(Self.reason(error))")
            }
        }
    }

    private struct NoMetadata: Error {}

    private static func reason(_ error: any Error) -> String {
        switch error {
        case is NoMetadata: "no metadata that is understood"
        case let error as any UserFacingError: error.summary
        case is PictureFormatError: "not a picture that is read"
        default: "cannot be read"
        }
    }

    /// - Returns: false when the journal has the picture's own job.
    private func importPicture(
        _ file: URL, _ path: String, _ session: SessionWriter, _ index: HistoryIndex
    ) throws -> Bool {
        let metadata = try PictureMetadata.read(fileAt: file.path)
        guard let request = metadata.request else { throw NoMetadata() }
        if let job = metadata.record?.job.flatMap({ ULID($0) }), index.job(job) != nil {
            return false
        }
        let pixels = try? ImageFile.read(file.path)
        let job = try session.queue(QueuedJob(request: request, origin: .imported))
        let image = SavedImage(
            index: 0, path: path, seed: request.seeds.first,
            width: pixels?.width ?? metadata.width ?? 0,
            height: pixels?.height ?? metadata.height ?? 0,
            pixelsSHA256: metadata.record?.pixelsSHA256 ?? pixels?.pixelsSHA256 ?? "")
        var details = FinishedJob(images: [image], warnings: metadata.warnings)
        details.modelHashes = metadata.hashes.isEmpty ? nil : metadata.hashes
        if let tool = metadata.tool { details.remote = ["tool": tool.rawValue] }
        try session.finished(job, details)
        return true
    }
}
