import CZlib
import Foundation
import Generation
import Glibc
import Settings

/// A segment on disk: header, rows and texts as they lie in memory, CRC-32. Only a cache: any doubt
/// about it means reading the session again.
enum SegmentFile {
    /// Changes whenever the layout of header, rows or folding changes.
    private static let layout: UInt64 = 2
    private static let magic: UInt64 = 0x4C41_5445_4E54_4958

    private struct Header {
        var magic = SegmentFile.magic
        var layout = SegmentFile.layout << 32 | UInt64(MemoryLayout<JobRow>.stride)
        var inode: UInt64 = 0
        var byteCount: UInt64 = 0
        var modified: Int64 = 0
        var readBytes: UInt64 = 0
        var rowCount: UInt64 = 0
        var textBytes: UInt64 = 0
        var sampleChecksum: UInt32 = 0
        var damagedLines: UInt32 = 0
        var unknownRecords: UInt32 = 0
        var checksum: UInt32 = 0
    }

    /// The segment in `file`, or nil when there is none that can be trusted.
    static func read(_ file: URL, session: String) -> SessionSegment? {
        guard let data = contents(of: file) else { return nil }
        let headerBytes = MemoryLayout<Header>.size
        guard data.count >= headerBytes else { return nil }
        let header = data.withUnsafeBytes { $0.loadUnaligned(as: Header.self) }
        let expected = Header()
        guard header.magic == expected.magic, header.layout == expected.layout,
            header.rowCount < 1 << 32, header.textBytes < 1 << 32
        else { return nil }
        let rowBytes = Int(header.rowCount) * MemoryLayout<JobRow>.stride
        guard data.count == headerBytes + rowBytes + Int(header.textBytes),
            checksum(of: data[headerBytes...]) == header.checksum
        else { return nil }
        var segment = SessionSegment(session: session)
        segment.stamp.inode = header.inode
        segment.stamp.byteCount = header.byteCount
        segment.stamp.modified = header.modified
        segment.readBytes = header.readBytes
        segment.savedBytes = header.readBytes
        segment.sampleChecksum = header.sampleChecksum
        segment.damagedLines = header.damagedLines
        segment.unknownRecords = header.unknownRecords
        segment.rows = data.withUnsafeBytes { raw in
            [JobRow](unsafeUninitializedCapacity: Int(header.rowCount)) { rows, count in
                let source = UnsafeRawBufferPointer(
                    rebasing: raw[headerBytes..<headerBytes + rowBytes])
                UnsafeMutableRawBufferPointer(rows).copyMemory(from: source)
                count = Int(header.rowCount)
            }
        }
        segment.bytes = Array(data[(headerBytes + rowBytes)...])
        return isConsistent(segment) ? segment : nil
    }

    /// Writes the segment. Failure is not an error: the next reader builds it again.
    static func write(_ segment: SessionSegment, to file: URL) {
        var header = Header()
        header.inode = segment.stamp.inode
        header.byteCount = segment.stamp.byteCount
        header.modified = segment.stamp.modified
        header.readBytes = segment.readBytes
        header.rowCount = UInt64(segment.rows.count)
        header.textBytes = UInt64(segment.bytes.count)
        header.sampleChecksum = segment.sampleChecksum
        header.damagedLines = segment.damagedLines
        header.unknownRecords = segment.unknownRecords
        var body: [UInt8] = []
        segment.rows.withUnsafeBytes { body.append(contentsOf: $0) }
        body.append(contentsOf: segment.bytes)
        header.checksum = checksum(of: body[...])
        let data = withUnsafeBytes(of: header) { Array($0) } + body
        try? replace(file, with: data)
    }

    /// Writes a private file next to its target, then renames it: a reader sees the old or the new.
    private static func replace(_ file: URL, with bytes: [UInt8]) throws {
        try Folders.create(file.deletingLastPathComponent())
        let temporary = file.appendingPathExtension("\(ULID())")
        let created = FileManager.default.createFile(
            atPath: temporary.path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        guard created, rename(temporary.path, file.path) == 0 else {
            unlink(temporary.path)
            return
        }
    }

    private static func contents(of file: URL) -> [UInt8]? {
        let descriptor = open(file.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size < 1 << 33 else { return nil }
        let size = Int(status.st_size)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(
                    descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if got <= 0 { break }
                count += got
            }
        }
    }

    static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBufferPointer {
            UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count))
        }
    }

    /// Whether every text lies inside the segment's bytes.
    private static func isConsistent(_ segment: SessionSegment) -> Bool {
        let limit = UInt64(segment.bytes.count)
        func isInside(_ text: JobRow.Text) -> Bool {
            text.count == JobRow.Text.absent || UInt64(text.offset) + UInt64(text.count) <= limit
        }
        return segment.rows.allSatisfy { row in
            isInside(row.prompt) && isInside(row.negativePrompt) && isInside(row.backend)
                && isInside(row.model) && isInside(row.sampler) && isInside(row.tags)
                && isInside(row.note) && isInside(row.firstImage) && isInside(row.searchable)
                && JobStatus(code: row.status) != nil
        }
    }
}
