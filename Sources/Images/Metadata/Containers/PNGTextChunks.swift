import CZlib
import Foundation

/// Reads and writes the text chunks of a PNG file (tEXt, zTXt, iTXt of the PNG specification, third
/// edition) without touching its pixels.
public enum PNGTextChunks {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Longest chunk that is looked at; ComfyUI's largest graphs stay below 1 MiB.
    static let maximumChunkBytes = 16 << 20

    /// One chunk: its type, and where its content and the whole chunk lie in the file.
    struct Chunk {
        var type: String
        var content: Range<Int>
        var whole: Range<Int>
        var isChecksumRight: Bool
    }

    /// Every text of the file, in order.
    ///
    /// Chunks that are damaged or unreasonably large are left out with a warning from
    /// ``PictureMetadata/read(from:)``.
    ///
    /// - Throws: ``PictureFormatError`` when the file is not a PNG.
    public static func read(from data: Data) throws -> [TextEntry] {
        try contents(of: [UInt8](data)).entries
    }

    /// The file with `entries` placed after its header; chunks with the same keywords are replaced.
    ///
    /// Latin-1 text becomes tEXt, anything else iTXt, as Pillow does and every reader expects.
    ///
    /// - Throws: ``PictureFormatError`` when the file is not an intact PNG, or a keyword is not
    ///   1 to 79 Latin-1 characters.
    public static func insert(_ entries: [TextEntry], into data: Data) throws -> Data {
        let bytes = [UInt8](data)
        let chunks = try intactChunks(of: bytes)
        let replaced = Set(entries.map(\.keyword))
        var result = Data(capacity: data.count + entries.reduce(64) { $0 + $1.text.utf8.count })
        result.append(contentsOf: signature)
        for (index, chunk) in chunks.enumerated() {
            if index == 1 {
                for entry in entries { result.append(contentsOf: try encoded(entry)) }
            }
            if isText(chunk.type), let keyword = keyword(of: chunk, in: bytes),
                replaced.contains(keyword)
            {
                continue
            }
            result.append(contentsOf: bytes[chunk.whole])
        }
        return result
    }

    /// The file without any text, EXIF or time chunk: what `--no-metadata` leaves.
    ///
    /// - Throws: ``PictureFormatError`` when the file is not an intact PNG.
    public static func removingAll(from data: Data) throws -> Data {
        let bytes = [UInt8](data)
        var result = Data(signature)
        for chunk in try intactChunks(of: bytes)
        where !isText(chunk.type) && chunk.type != "eXIf" && chunk.type != "tIME" {
            result.append(contentsOf: bytes[chunk.whole])
        }
        return result
    }

    private static func isText(_ type: String) -> Bool { ["tEXt", "zTXt", "iTXt"].contains(type) }

    // MARK: Walking

    /// The chunks up to IEND or to the first damage; the offset of the damage when there is one.
    static func chunks(of bytes: [UInt8]) throws -> (chunks: [Chunk], damage: Int?) {
        guard bytes.starts(with: signature) else { throw PictureFormatError.unknownFormat }
        var chunks: [Chunk] = []
        var offset = signature.count
        while offset < bytes.count {
            guard offset + 12 <= bytes.count else { return (chunks, offset) }
            let length = Int(bigEndian32(bytes, offset))
            guard length <= Int(Int32.max), offset + 12 + length <= bytes.count else {
                return (chunks, offset)
            }
            let content = offset + 8..<offset + 8 + length
            let recorded = bigEndian32(bytes, content.upperBound)
            let type = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
            let isRight = checksum(of: bytes[offset + 4..<content.upperBound]) == recorded
            let whole = offset..<content.upperBound + 4
            chunks.append(
                Chunk(type: type, content: content, whole: whole, isChecksumRight: isRight))
            if type == "IEND" { return (chunks, nil) }
            offset = whole.upperBound
        }
        return (chunks, bytes.count)
    }

    private static func intactChunks(of bytes: [UInt8]) throws -> [Chunk] {
        let (chunks, damage) = try chunks(of: bytes)
        if let damage { throw PictureFormatError.damaged(at: damage) }
        guard chunks.count > 1, chunks[0].type == "IHDR" else {
            throw PictureFormatError.damaged(at: signature.count)
        }
        return chunks
    }

    /// Texts, size and warnings of a file that may be damaged.
    static func contents(of bytes: [UInt8]) throws -> ContainerTexts {
        let (chunks, damage) = try chunks(of: bytes)
        var texts = ContainerTexts()
        var budget = Inflation.budget(forInput: bytes.count)
        for chunk in chunks {
            switch chunk.type {
            case "IHDR" where chunk.content.count >= 8:
                texts.size = (
                    Int(bigEndian32(bytes, chunk.content.lowerBound)),
                    Int(bigEndian32(bytes, chunk.content.lowerBound + 4))
                )
            case "tEXt", "zTXt", "iTXt":
                guard chunk.content.count <= maximumChunkBytes else {
                    texts.warnings.append("a text chunk of \(chunk.content.count) bytes is ignored")
                    continue
                }
                if !chunk.isChecksumRight {
                    texts.warnings.append("a text chunk has a wrong checksum; it may be altered")
                }
                if let entry = entry(of: chunk, in: bytes, budget: &budget) {
                    texts.entries.append(entry)
                } else {
                    texts.warnings.append("a \(chunk.type) chunk cannot be read")
                }
            case "eXIf":
                texts.entries += EXIF.texts(inTIFF: bytes[chunk.content])
            default: break
            }
        }
        if let damage { texts.warnings.append("the file is damaged or cut at byte \(damage)") }
        return texts
    }

    // MARK: One text

    private static func keyword(of chunk: Chunk, in bytes: [UInt8]) -> String? {
        let content = bytes[chunk.content]
        guard let end = content.firstIndex(of: 0) else { return nil }
        return latin1(content[..<end])
    }

    private static func entry(of chunk: Chunk, in bytes: [UInt8], budget: inout Int) -> TextEntry? {
        let content = bytes[chunk.content]
        guard let end = content.firstIndex(of: 0), (1...79).contains(end - content.startIndex)
        else { return nil }
        let keyword = latin1(content[..<end])
        let rest = content[(end + 1)...]
        let text: String? =
            switch chunk.type {
            case "tEXt": utf8OrLatin1(rest)
            case "zTXt": compressed(rest, budget: &budget)
            default: international(rest, budget: &budget)
            }
        return text.map { TextEntry(keyword: keyword, text: $0) }
    }

    private static func compressed(_ rest: ArraySlice<UInt8>, budget: inout Int) -> String? {
        guard rest.first == 0 else { return nil }
        return Inflation.inflate(rest.dropFirst(), budget: &budget).map { utf8OrLatin1($0[...]) }
    }

    /// iTXt after the keyword: flag, method, language tag, translated keyword, text.
    private static func international(_ rest: ArraySlice<UInt8>, budget: inout Int) -> String? {
        guard rest.count >= 2, let first = rest.first else { return nil }
        let parts = rest.dropFirst(2)
        guard let languageEnd = parts.firstIndex(of: 0),
            let keywordEnd = parts[(languageEnd + 1)...].firstIndex(of: 0)
        else { return nil }
        let text = parts[(keywordEnd + 1)...]
        guard first == 1 else { return String(decoding: text, as: UTF8.self) }
        return Inflation.inflate(text, budget: &budget).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The specification says Latin-1, but several tools write UTF-8 into tEXt.
    private static func utf8OrLatin1(_ bytes: ArraySlice<UInt8>) -> String {
        String(validating: bytes, as: UTF8.self) ?? latin1(bytes)
    }

    private static func latin1(_ bytes: ArraySlice<UInt8>) -> String {
        var text = ""
        for byte in bytes { text.unicodeScalars.append(Unicode.Scalar(byte)) }
        return text
    }

    /// A text as a whole chunk with length and checksum.
    static func encoded(_ entry: TextEntry) throws -> [UInt8] {
        guard let keyword = latin1Bytes(entry.keyword), (1...79).contains(keyword.count),
            !keyword.contains(0)
        else { throw PictureFormatError.unacceptableText("a keyword has 1 to 79 characters") }
        // A zero byte would end the text of a tEXt chunk early.
        let text = entry.text.replacing("\0", with: " ")
        if let bytes = latin1Bytes(text), String(validating: bytes, as: UTF8.self) == text {
            return chunk("tEXt", keyword + [0] + bytes)
        }
        return chunk("iTXt", keyword + [0, 0, 0, 0, 0] + Array(text.utf8))
    }

    private static func latin1Bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + content
        return bigEndianBytes(UInt32(content.count)) + body
            + bigEndianBytes(checksum(of: body[...]))
    }

    // MARK: Bytes

    private static func checksum(of bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBufferPointer {
            UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count))
        }
    }

    private static func bigEndian32(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func bigEndianBytes(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
