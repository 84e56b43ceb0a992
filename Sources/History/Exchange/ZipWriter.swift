import CZlib
import Foundation
import Generation

/// Writes a ZIP archive (PKWARE APPNOTE 6.3, without ZIP64) entry by entry.
public struct ZipWriter: ~Copyable {
    /// An archive that the format cannot hold, or a disk that cannot.
    public struct Failure: UserFacingError, Hashable {
        public let summary: String
        public let hint: String?
    }

    private struct Entry {
        var name: [UInt8]
        var method: UInt16
        var checksum: UInt32
        var packedBytes: Int
        var bytes: Int
        var offset: Int
    }

    private let file: FileHandle
    private let path: String
    private var entries: [Entry] = []
    private var offset = 0

    /// Creates the archive, readable by its owner only.
    ///
    /// - Throws: ``Failure`` when the file cannot be created.
    public init(path: String) throws {
        let isCreated = FileManager.default.createFile(
            atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        guard isCreated, let file = FileHandle(forWritingAtPath: path) else {
            throw Failure(
                summary: "Cannot create \(printable(path))",
                hint: "check that the folder exists and is yours")
        }
        self.file = file
        self.path = path
    }

    /// Adds a file. Pictures are stored as they are, everything else is compressed.
    ///
    /// - Throws: ``Failure`` when the archive would pass 4 GB, or the disk is full.
    public mutating func add(_ name: String, _ data: Data) throws {
        let bytes = [UInt8](data)
        let isPicture = [".png", ".jpg", ".jpeg", ".webp"].contains { name.hasSuffix($0) }
        let packed = isPicture ? nil : Self.deflated(bytes)
        let content = packed ?? bytes
        guard offset + content.count < Int(UInt32.max) - (64 << 20), entries.count < 65_000 else {
            throw Failure(
                summary: "The archive would be larger than 4 GB",
                hint: "export into a folder, or fewer jobs")
        }
        let entry = Entry(
            name: Array(name.utf8), method: packed == nil ? 0 : 8,
            checksum: SegmentFile.checksum(of: bytes[...]), packedBytes: content.count,
            bytes: bytes.count, offset: offset)
        try write(Self.number(0x0403_4B50, 4) + Self.header(entry) + Self.number(0, 2) + entry.name)
        try write(content)
        entries.append(entry)
    }

    /// Writes the directory and closes the archive, which is complete then.
    ///
    /// - Throws: ``Failure``.
    public consuming func finish() throws {
        let start = offset
        for entry in entries {
            let fields = Self.number(0x0201_4B50, 4) + Self.number(0x0314, 2) + Self.header(entry)
            let rest =
                Self.number(0, 8) + Self.number(0o100_600 << 16, 4) + Self.number(entry.offset, 4)
            try write(fields + rest + entry.name)
        }
        let count = Self.number(entries.count, 2)
        let size = Self.number(offset - start, 4)
        try write(
            Self.number(0x0605_4B50, 4) + Self.number(0, 4) + count + count + size
                + Self.number(start, 4) + Self.number(0, 2))
        try? file.close()
    }

    private mutating func write(_ bytes: [UInt8]) throws {
        do {
            try file.write(contentsOf: Data(bytes))
            offset += bytes.count
        } catch {
            throw Failure(
                summary: "Cannot write \(printable(path)): \(error.localizedDescription)",
                hint: "is the disk full?")
        }
    }

    /// The fields that the local and the central header share, up to the length of the name; dates
    /// are the first that the format knows, so that equal exports are equal files.
    private static func header(_ entry: Entry) -> [UInt8] {
        number(20, 2) + number(0x0800, 2) + number(Int(entry.method), 2) + number(0, 2)
            + number(0x21, 2) + number(Int(entry.checksum), 4) + number(entry.packedBytes, 4)
            + number(entry.bytes, 4) + number(entry.name.count, 2)
    }

    private static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 < 8 ? value >> ($0 * 8) : 0) }
    }

    /// A bare deflate stream, nil when that is not smaller.
    private static func deflated(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard
            deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY,
                ZLIB_VERSION, size) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        let status = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(clamping: input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(clamping: output.count)
                return deflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, Int(stream.total_out) < bytes.count else { return nil }
        return Array(output[..<Int(stream.total_out)])
    }
}
