/// The few tags of EXIF (JEITA CP-3451) in which image generators keep text.
enum EXIF {
    private enum Tag {
        static let imageDescription = 0x010E
        static let make = 0x010F
        static let model = 0x0110
        static let software = 0x0131
        static let exifFolder = 0x8769
        static let userComment = 0x9286
    }

    // MARK: Reading

    /// The texts of a TIFF block: `UserComment` and the ASCII tags.
    static func texts(inTIFF bytes: ArraySlice<UInt8>) -> [TextEntry] {
        guard let reader = TIFFReader(Array(bytes)) else { return [] }
        var entries: [TextEntry] = []
        var folders = [reader.firstFolder]
        while let folder = folders.popLast() {
            for field in reader.fields(at: folder) {
                switch field.tag {
                case Tag.exifFolder where folders.isEmpty && folder == reader.firstFolder:
                    folders.append(field.offsetValue)
                case Tag.userComment:
                    if let text = userComment(reader.content(of: field), reader.isBigEndian) {
                        entries.append(TextEntry(keyword: "UserComment", text: text))
                    }
                case Tag.imageDescription:
                    entries += ascii("ImageDescription", reader.content(of: field))
                case Tag.make: entries += ascii("Make", reader.content(of: field))
                case Tag.model: entries += ascii("Model", reader.content(of: field))
                case Tag.software: entries += ascii("Software", reader.content(of: field))
                default: break
                }
            }
        }
        return entries
    }

    private static func ascii(_ keyword: String, _ bytes: ArraySlice<UInt8>) -> [TextEntry] {
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return text.isEmpty ? [] : [TextEntry(keyword: keyword, text: text)]
    }

    /// A comment with its eight bytes of character code. Tools disagree on the byte order of
    /// "UNICODE": the one in which more characters are plain Latin wins.
    private static func userComment(_ bytes: ArraySlice<UInt8>, _ isBigEndian: Bool) -> String? {
        guard bytes.count >= 8 else { return nil }
        let code = bytes.prefix(8)
        let text = bytes.dropFirst(8)
        guard code.starts(with: Array("UNICODE".utf8)) else {
            let end = code.starts(with: Array("ASCII".utf8)) || code.allSatisfy { $0 == 0 }
            return String(decoding: end ? text : bytes, as: UTF8.self).trimmingNulls
        }
        let high = Array(text)
        let evenZeros = stride(from: 0, to: high.count, by: 2).count { high[$0] == 0 }
        let oddZeros = stride(from: 1, to: high.count, by: 2).count { high[$0] == 0 }
        let isBig = evenZeros == oddZeros ? isBigEndian : evenZeros > oddZeros
        let units = stride(from: 0, to: high.count - 1, by: 2).map { index -> UInt16 in
            let (first, second) = (UInt16(high[index]), UInt16(high[index + 1]))
            return isBig ? first << 8 | second : second << 8 | first
        }
        return String(decoding: units, as: UTF16.self).trimmingNulls
    }

    // MARK: Writing

    /// A TIFF block (big-endian, as piexif writes it) whose only content is `text` as UserComment.
    static func tiff(withUserComment text: String) -> [UInt8] {
        let comment =
            Array("UNICODE\0".utf8)
            + text.utf16.flatMap {
                [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)]
            }
        var bytes: [UInt8] = Array("MM".utf8) + [0, 42] + big32(8)
        bytes += [0, 1] + field(Tag.exifFolder, type: 4, count: 1, value: 26) + big32(0)
        bytes += [0, 1] + field(Tag.userComment, type: 7, count: comment.count, value: 44)
        return bytes + big32(0) + comment
    }

    private static func field(_ tag: Int, type: Int, count: Int, value: Int) -> [UInt8] {
        [UInt8(tag >> 8), UInt8(tag & 0xFF), 0, UInt8(type)] + big32(count) + big32(value)
    }

    private static func big32(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

extension String {
    /// The text up to trailing zero characters.
    fileprivate var trimmingNulls: String {
        var text = self
        while text.unicodeScalars.last == "\0" { text.unicodeScalars.removeLast() }
        return text
    }
}

/// Bounds-checked access to the folders of a TIFF block.
private struct TIFFReader {
    struct Field {
        var tag: Int
        var byteCount: Int
        /// Where the content lies; inside the field itself when it has at most four bytes.
        var contentOffset: Int
        var offsetValue: Int
    }

    let bytes: [UInt8]
    let isBigEndian: Bool

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 8 else { return nil }
        switch (bytes[0], bytes[1]) {
        case (0x4D, 0x4D): isBigEndian = true
        case (0x49, 0x49): isBigEndian = false
        default: return nil
        }
        self.bytes = bytes
    }

    var firstFolder: Int { number(at: 4, bytes: 4) }

    /// The fields of a folder; what lies outside the block is left out.
    func fields(at offset: Int) -> [Field] {
        guard offset >= 8, offset + 2 <= bytes.count else { return [] }
        var fields: [Field] = []
        for index in 0..<min(number(at: offset, bytes: 2), 512) {
            let start = offset + 2 + index * 12
            guard start + 12 <= bytes.count else { break }
            let sizes = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1]
            let unit = sizes[number(at: start + 2, bytes: 2)] ?? 1
            let count = number(at: start + 4, bytes: 4) * unit
            let value = number(at: start + 8, bytes: 4)
            fields.append(
                Field(
                    tag: number(at: start, bytes: 2), byteCount: count,
                    contentOffset: count <= 4 ? start + 8 : value, offsetValue: value))
        }
        return fields
    }

    func content(of field: Field) -> ArraySlice<UInt8> {
        guard field.contentOffset <= bytes.count else { return [] }
        let end = min(bytes.count, field.contentOffset + field.byteCount)
        return bytes[field.contentOffset..<end]
    }

    private func number(at offset: Int, bytes count: Int) -> Int {
        let slice = bytes[offset..<offset + count]
        return isBigEndian
            ? slice.reduce(0) { $0 << 8 | Int($1) }
            : slice.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
