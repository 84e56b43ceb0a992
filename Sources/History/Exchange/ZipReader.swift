import Foundation
import Generation
import Images

/// Reads the entries of a ZIP archive without ZIP64 and encryption.
struct ZipReader {
    /// An entry of the directory.
    struct Entry {
        /// Name as stored; untrusted.
        var name: String
        fileprivate var method: Int
        fileprivate var packedBytes: Int
        fileprivate var bytes: Int
        fileprivate var checksum: UInt32
        fileprivate var offset: Int
    }

    /// Largest entry that is unpacked.
    static let maximumEntryBytes = 512 << 20

    private let data: Data
    let entries: [Entry]

    /// - Throws: ``JournalError/badValue(_:)`` when the data is not such an archive.
    init(_ data: Data) throws {
        self.data = data
        guard let entries = Self.directory(of: data) else {
            throw JournalError.badValue("The archive is damaged or of a kind that is not read")
        }
        self.entries = entries
    }

    /// The content of an entry; nil when it is damaged, encrypted or too large.
    func content(of entry: Entry) -> Data? {
        guard entry.bytes <= Self.maximumEntryBytes, let name = number(entry.offset + 26, 2),
            let extra = number(entry.offset + 28, 2)
        else { return nil }
        let start = entry.offset + 30 + name + extra
        guard start <= data.count, entry.packedBytes <= data.count - start else { return nil }
        let packed = data[data.startIndex + start..<data.startIndex + start + entry.packedBytes]
        let content: [UInt8]?
        switch entry.method {
        case 0: content = [UInt8](packed)
        case 8: content = DeflateStream.inflate([UInt8](packed), limit: entry.bytes)
        default: content = nil
        }
        guard let content, content.count == entry.bytes,
            SegmentFile.checksum(of: content[...]) == entry.checksum
        else { return nil }
        return Data(content)
    }

    private func number(_ offset: Int, _ count: Int) -> Int? {
        Self.number(data, offset, count)
    }

    private static func number(_ data: Data, _ offset: Int, _ count: Int) -> Int? {
        guard offset >= 0, offset + count <= data.count else { return nil }
        return data[data.startIndex + offset..<data.startIndex + offset + count].reversed()
            .reduce(0) { $0 << 8 | Int($1) }
    }

    private static func directory(of data: Data) -> [Entry]? {
        // The end record is the last thing in the file, behind it at most a comment of 64 KB.
        var end = data.count - 22
        while end >= max(0, data.count - 66_000), number(data, end, 4) != 0x0605_4B50 { end -= 1 }
        guard end >= 0, number(data, end, 4) == 0x0605_4B50, let count = number(data, end + 10, 2),
            var offset = number(data, end + 16, 4)
        else { return nil }
        var entries: [Entry] = []
        for _ in 0..<count {
            guard number(data, offset, 4) == 0x0201_4B50, let method = number(data, offset + 10, 2),
                let checksum = number(data, offset + 16, 4),
                let packedBytes = number(data, offset + 20, 4),
                let bytes = number(data, offset + 24, 4), let name = number(data, offset + 28, 2),
                let extra = number(data, offset + 30, 2), let note = number(data, offset + 32, 2),
                let local = number(data, offset + 42, 4), offset + 46 + name <= data.count
            else { return nil }
            let start = data.startIndex + offset + 46
            entries.append(
                Entry(
                    name: String(decoding: data[start..<start + name], as: UTF8.self),
                    method: method, packedBytes: packedBytes, bytes: bytes,
                    checksum: UInt32(checksum), offset: local))
            offset += 46 + name + extra + note
        }
        return entries
    }
}
