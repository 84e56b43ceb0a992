import Foundation
import Generation
import Glibc

/// Brings the index up to date with the session files: unchanged files come from the cache, grown
/// ones are read from where they were left, all others from the start.
struct IndexLoader {
    let sessions: URL
    let cache: URL

    /// Bytes that a session grows by before its index is written again: they are read in no time.
    private static let unsavedBytes: UInt64 = 1 << 18

    /// Segments of all session files, oldest session first.
    ///
    /// - Parameter known: segments as they were read before.
    /// - Throws: ``JournalError`` when the folder of sessions exists and cannot be read.
    func load(
        known: [SessionSegment] = []
    ) throws -> (segments: [SessionSegment], unreadable: [String]) {
        let known = Dictionary(known.map { ($0.session, $0) }, uniquingKeysWith: { $1 })
        var segments: [SessionSegment] = []
        var unreadable: [String] = []
        for name in try sessionNames() {
            do {
                segments.append(try segment(name, known: known[name]))
            } catch {
                unreadable.append(name)
            }
        }
        return (segments, unreadable)
    }

    private func sessionNames() throws -> [String] {
        guard FileManager.default.fileExists(atPath: sessions.path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: sessions.path)
                .filter { $0.hasSuffix(".jsonl") }.sorted()
        } catch {
            throw SessionFile.systemError(sessions, "read")
        }
    }

    /// The up-to-date segment of one session file.
    ///
    /// - Parameter known: as it was read before; nil: as it lies on the disk.
    func segment(_ name: String, known: SessionSegment? = nil) throws -> SessionSegment {
        if var segment = known {
            try readOn(&segment)
            return segment
        }
        var segment =
            SegmentFile.read(cacheFile(name), session: name) ?? SessionSegment(session: name)
        if case .nothing = try readOn(&segment) { return segment }
        save(&segment)
        return segment
    }

    /// What came of reading on.
    enum Reading {
        /// The file is as it was.
        case nothing
        /// The file has grown; these rows came or changed.
        case grown(rows: Set<Int>)
        /// The file is another one and was read from the start; as it was known before.
        case anew(before: SessionSegment)
    }

    /// Brings a segment up to date, in place when nobody else has a copy of it.
    ///
    /// - Throws: ``JournalError`` when the file cannot be read; the segment is empty then.
    @discardableResult
    func readOn(_ segment: inout SessionSegment) throws -> Reading {
        let url = sessions.appendingPathComponent(segment.session)
        let stamp = try Self.stamp(of: url)
        if segment.stamp == stamp { return .nothing }
        guard segment.stamp.inode == stamp.inode, segment.readBytes <= stamp.byteCount,
            Self.sampleChecksum(of: url, upTo: Int(segment.readBytes)) == segment.sampleChecksum
        else {
            let before = segment
            segment = SessionSegment(session: before.session)
            try Self.read(url, into: &segment, stamp: stamp)
            save(&segment)
            return .anew(before: before)
        }
        let rows = try Self.read(url, into: &segment, stamp: stamp)
        if segment.readBytes > segment.savedBytes + Self.unsavedBytes { save(&segment) }
        return .grown(rows: rows)
    }

    private func save(_ segment: inout SessionSegment) {
        segment.savedBytes = segment.readBytes
        SegmentFile.write(segment, to: cacheFile(segment.session))
    }

    /// Removes what is cached of a session, so that nothing of an erased job stays behind.
    func forget(_ name: String) {
        try? FileManager.default.removeItem(at: cacheFile(name))
    }

    private func cacheFile(_ name: String) -> URL {
        cache.appendingPathComponent("history").appendingPathComponent(name + ".index")
    }

    /// - Returns: the rows that came or changed.
    @discardableResult
    private static func read(
        _ url: URL, into segment: inout SessionSegment, stamp: SessionSegment.Stamp
    ) throws -> Set<Int> {
        var readBytes = segment.readBytes
        let start = Int(readBytes)
        // The only copy goes to the builder, which adds to it instead of copying all of it.
        let name = segment.session
        var builder = SegmentBuilder(continuing: segment)
        segment = SessionSegment(session: name)
        try LineReader.forEachLine(of: url, from: start) { line in
            // A line without its feed is being written, or was torn; it counts once it is whole.
            guard line.isTerminated else { return }
            builder.add(line)
            readBytes = UInt64(line.offset + line.byteCount + 1)
        }
        segment = builder.finish()
        segment.stamp = stamp
        segment.readBytes = readBytes
        segment.sampleChecksum = sampleChecksum(of: url, upTo: Int(readBytes)) ?? 0
        return builder.touchedRows
    }

    private static func stamp(of url: URL) throws -> SessionSegment.Stamp {
        var status = stat()
        guard stat(url.path, &status) == 0 else { throw SessionFile.systemError(url, "read") }
        let modified = status.st_mtim
        return SessionSegment.Stamp(
            inode: UInt64(status.st_ino), byteCount: UInt64(max(0, status.st_size)),
            modified: Int64(modified.tv_sec) * 1_000_000_000 + Int64(modified.tv_nsec))
    }

    /// CRC-32 of the last 256 bytes before `end` and of 15 samples of 64 bytes spread over what is
    /// before them: enough to notice an edit that was not an append, without reading everything.
    private static func sampleChecksum(of url: URL, upTo end: Int) -> UInt32? {
        guard let descriptor = try? SessionFile.openRegular(url, O_RDONLY) else { return nil }
        defer { close(descriptor) }
        var samples: [UInt8] = []
        for index in 0...15 {
            let length = min(index == 15 ? 256 : 64, end)
            let offset = index == 15 ? end - length : (end - length) / 16 * index
            var bytes = [UInt8](repeating: 0, count: length)
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress, $0.count, off_t(offset))
            }
            guard got == length else { return nil }
            samples += bytes
        }
        return SegmentFile.checksum(of: samples[...])
    }
}
