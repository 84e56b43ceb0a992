/// A safetensors file: an 8-byte header length, a JSON header, then the tensors' bytes.
///
/// The file is mapped; opening checks the whole header and touches no tensor.
public final class SafetensorsFile: Sendable {
    /// One tensor as the header describes it.
    public struct Entry: Hashable, Sendable {
        /// The name in the file.
        public let name: String
        /// How elements are stored.
        public let type: StorageType
        /// Sizes, outermost first; empty for a single number.
        public let shape: [Int]
        /// Where its bytes lie in the file.
        public let byteRange: Range<Int>

        /// Number of elements.
        public var count: Int { shape.reduce(1, *) }
    }

    /// Longest header that is read: the bound of the reference implementation.
    public static let maximumHeaderBytes = 100_000_000
    /// Most dimensions a tensor may have.
    static let maximumRank = 8

    /// The path as given.
    public var path: String { file.path }
    /// All tensors by name.
    public let entries: [String: Entry]
    /// The `__metadata__` strings.
    public let metadata: [String: String]

    let file: MappedFile

    /// Opens and checks the file at `path`.
    ///
    /// - Throws: ``WeightsError`` that says what is wrong: missing, empty, a pickle, truncated, a
    ///   header that is too long or no JSON, tensors outside the file, overlapping, with holes
    ///   between them, of unknown type or of a size that does not match their shape.
    public init(path: String) throws(WeightsError) {
        file = try MappedFile(path: path)
        let header = try Self.headerBytes(of: file)
        let parsed: (entries: [String: Entry], metadata: [String: String])
        do {
            parsed = try SafetensorsHeader.parse(header, dataStart: 8 + header.count)
        } catch {
            throw .malformed(
                file: path, reason: "\(error.reason) (byte \(error.offset) of the header)")
        }
        entries = parsed.entries
        metadata = parsed.metadata
        try Self.checkCoverage(entries, file: file, dataStart: 8 + header.count)
    }

    /// The bytes of a tensor.
    func bytes(of entry: Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[entry.byteRange])
    }

    /// Hands the pages of a tensor back to the system; see ``MappedFile/release(_:)``.
    func release(_ entry: Entry) {
        file.release(entry.byteRange)
    }

    private static func headerBytes(
        of file: MappedFile
    ) throws(WeightsError) -> UnsafeRawBufferPointer {
        let bytes = file.bytes
        guard bytes.count >= 8 else {
            throw .malformed(
                file: file.path, reason: "it has \(bytes.count) bytes, too few for a header")
        }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        // Only a length that makes no sense can be the start of something else: 0x80 0x02 is also
        // how a header of 640 bytes begins.
        let isPlausible = length >= 2 && length <= UInt64(bytes.count - 8)
        if !isPlausible, isPickleOrArchive(bytes) { throw .pickled(file: file.path) }
        if !isPlausible, let reason = downloadMistake(bytes) {
            throw .malformed(file: file.path, reason: reason)
        }
        guard length <= maximumHeaderBytes else {
            throw .malformed(
                file: file.path,
                reason: "it announces a header of \(length) bytes; at most \(maximumHeaderBytes) "
                    + "are accepted")
        }
        guard isPlausible else {
            throw .malformed(
                file: file.path,
                reason: "it announces a header of \(length) bytes and has \(bytes.count - 8)")
        }
        return UnsafeRawBufferPointer(rebasing: bytes[8..<(8 + Int(length))])
    }

    /// The starts of zip archives (`torch.save`) and of pickles, protocols 2 to 5.
    private static func isPickleOrArchive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        (bytes[0] == 0x50 && bytes[1] == 0x4B) || (bytes[0] == 0x80 && (2...5).contains(bytes[1]))
    }

    /// What came instead of the file, as happens with downloads; nil for anything else.
    private static func downloadMistake(_ bytes: UnsafeRawBufferPointer) -> String? {
        let start = String(decoding: bytes.prefix(40), as: UTF8.self).lowercased()
        if start.hasPrefix("version https://git-lfs") {
            return "it is a pointer of Git LFS, not the file itself, which `git lfs pull` fetches"
        }
        let page = start.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        guard page.hasPrefix("<!doctype html") || page.hasPrefix("<html") else { return nil }
        return "it is a web page, perhaps one that asks to log in"
    }

    /// The tensors must fill the rest of the file without overlap and without holes.
    private static func checkCoverage(
        _ entries: [String: Entry], file: MappedFile, dataStart: Int
    ) throws(WeightsError) {
        let size = file.bytes.count
        var end = dataStart
        let ordered = entries.values.sorted {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound, $0.name)
                < ($1.byteRange.lowerBound, $1.byteRange.upperBound, $1.name)
        }
        for entry in ordered {
            guard entry.byteRange.upperBound <= size else {
                throw .badTensor(
                    file: file.path, tensor: entry.name,
                    reason: "ends at byte \(entry.byteRange.upperBound) of a file of \(size) bytes")
            }
            guard entry.byteRange.lowerBound >= end else {
                throw .badTensor(
                    file: file.path, tensor: entry.name, reason: "overlaps another tensor")
            }
            guard entry.byteRange.lowerBound == end else {
                throw .badTensor(
                    file: file.path, tensor: entry.name,
                    reason: "leaves \(entry.byteRange.lowerBound - end) unused bytes before it")
            }
            end = entry.byteRange.upperBound
        }
        guard end == size else {
            throw .malformed(
                file: file.path, reason: "\(size - end) bytes after the last tensor are unused")
        }
    }
}
