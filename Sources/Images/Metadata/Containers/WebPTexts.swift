/// Reads texts of a WebP file (RIFF container): EXIF and XMP chunks.
enum WebPTexts {
    static func contents(of bytes: [UInt8]) throws -> ContainerTexts {
        guard bytes.count >= 12, bytes.starts(with: Array("RIFF".utf8)),
            bytes[8..<12].elementsEqual("WEBP".utf8)
        else { throw PictureFormatError.unknownFormat }
        var texts = ContainerTexts()
        var offset = 12
        while offset + 8 <= bytes.count {
            let type = String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
            let length = bytes[offset + 4..<offset + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
            let start = offset + 8
            guard start + length <= bytes.count else {
                texts.warnings.append("the file is damaged or cut at byte \(offset)")
                break
            }
            read(type, bytes[start..<start + length], into: &texts)
            offset = start + length + length % 2
        }
        return texts
    }

    private static func read(
        _ type: String, _ content: ArraySlice<UInt8>, into texts: inout ContainerTexts
    ) {
        switch type {
        case "EXIF":
            let prefix = Array("Exif\0\0".utf8)
            texts.entries += EXIF.texts(
                inTIFF: content.starts(with: prefix) ? content.dropFirst(prefix.count) : content)
        case "XMP ":
            texts.entries.append(
                TextEntry(keyword: "XMP", text: String(decoding: content, as: UTF8.self)))
        case "VP8X" where content.count >= 10:
            let number = Array(content.dropFirst(4))
            texts.size = (
                1 + Int(number[0]) + Int(number[1]) << 8 + Int(number[2]) << 16,
                1 + Int(number[3]) + Int(number[4]) << 8 + Int(number[5]) << 16
            )
        default: break
        }
    }
}
