import Foundation

/// Reads and writes texts of a JPEG file: EXIF `UserComment` (APP1) and comments (COM), without
/// touching the compressed picture.
public enum JPEGTexts {
    private enum Marker {
        static let startOfScan: UInt8 = 0xDA
        static let endOfImage: UInt8 = 0xD9
        static let application1: UInt8 = 0xE1
        static let comment: UInt8 = 0xFE
    }

    /// Longest content of one segment: its 16-bit length counts itself.
    static let maximumSegmentBytes = 65_533
    private static let exifHeader = Array("Exif\0\0".utf8)
    private static let xmpHeader = Array("http://ns.adobe.com/xap/1.0/\0".utf8)

    private struct Segment {
        var marker: UInt8
        var content: Range<Int>
        var whole: Range<Int>
    }

    /// The file with `userComment` as EXIF and `comments` as COM segments after the start marker;
    /// EXIF and comments that were there are replaced.
    ///
    /// A user comment too long for its segment (32,000 UTF-16 units) is left out; a long comment is
    /// split over several segments, which ``PictureMetadata/read(from:)`` joins again.
    ///
    /// - Throws: ``PictureFormatError`` when the file is not a JPEG.
    public static func insert(
        userComment: String, comments: [TextEntry], into data: Data
    ) throws -> Data {
        let bytes = [UInt8](data)
        let (segments, scan) = try segments(of: bytes)
        var result = Data([0xFF, 0xD8])
        var kept = segments.filter { !isText($0, in: bytes) }
        // JFIF demands that its APP0 comes first.
        if let first = kept.first, first.marker == 0xE0 {
            result.append(contentsOf: bytes[first.whole])
            kept.removeFirst()
        }
        let exif = exifHeader + EXIF.tiff(withUserComment: userComment)
        if exif.count <= maximumSegmentBytes {
            result.append(contentsOf: segment(Marker.application1, exif))
        }
        for comment in comments {
            for part in parts(of: comment) {
                result.append(contentsOf: segment(Marker.comment, part))
            }
        }
        for segment in kept { result.append(contentsOf: bytes[segment.whole]) }
        result.append(contentsOf: bytes[scan...])
        return result
    }

    /// The file without EXIF, XMP and comments.
    ///
    /// - Throws: ``PictureFormatError`` when the file is not a JPEG.
    public static func removingAll(from data: Data) throws -> Data {
        let bytes = [UInt8](data)
        let (segments, scan) = try segments(of: bytes)
        var result = Data([0xFF, 0xD8])
        for segment in segments where !isText(segment, in: bytes) {
            result.append(contentsOf: bytes[segment.whole])
        }
        result.append(contentsOf: bytes[scan...])
        return result
    }

    static func contents(of bytes: [UInt8]) throws -> ContainerTexts {
        let (segments, _) = try segments(of: bytes)
        var texts = ContainerTexts()
        var parts: [String: [Int: String]] = [:]
        for segment in segments {
            let content = bytes[segment.content]
            if segment.marker == Marker.application1, content.starts(with: exifHeader) {
                texts.entries += EXIF.texts(inTIFF: content.dropFirst(exifHeader.count))
            } else if segment.marker == Marker.application1, content.starts(with: xmpHeader) {
                let xmp = String(decoding: content.dropFirst(xmpHeader.count), as: UTF8.self)
                texts.entries.append(TextEntry(keyword: "XMP", text: xmp))
            } else if segment.marker == Marker.comment {
                let text = String(decoding: content, as: UTF8.self)
                if let part = CommentPart(text) {
                    parts[part.keyword, default: [:]][part.number] = part.text
                } else {
                    texts.entries.append(TextEntry(keyword: "Comment", text: text))
                }
            } else if isFrameHeader(segment.marker), segment.content.count >= 5 {
                let start = segment.content.lowerBound
                let height = Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
                texts.size = (Int(bytes[start + 3]) << 8 | Int(bytes[start + 4]), height)
            }
        }
        for (keyword, numbered) in parts.sorted(by: { $0.key < $1.key }) {
            let text = numbered.sorted { $0.key < $1.key }.map(\.value).joined()
            texts.entries.append(TextEntry(keyword: keyword, text: text))
        }
        return texts
    }

    // MARK: Segments

    /// The segments before the first scan, and where the scan's marker lies.
    private static func segments(of bytes: [UInt8]) throws -> ([Segment], scan: Int) {
        guard bytes.starts(with: [0xFF, 0xD8, 0xFF]) else { throw PictureFormatError.unknownFormat }
        var segments: [Segment] = []
        var offset = 2
        while offset + 4 <= bytes.count {
            guard bytes[offset] == 0xFF else { throw PictureFormatError.damaged(at: offset) }
            let marker = bytes[offset + 1]
            if marker == 0xFF {
                offset += 1
                continue
            }
            if marker == Marker.startOfScan || marker == Marker.endOfImage {
                return (segments, offset)
            }
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            guard length >= 2, offset + 2 + length <= bytes.count else {
                throw PictureFormatError.damaged(at: offset)
            }
            let whole = offset..<offset + 2 + length
            segments.append(
                Segment(marker: marker, content: offset + 4..<whole.upperBound, whole: whole))
            offset = whole.upperBound
        }
        throw PictureFormatError.damaged(at: bytes.count)
    }

    private static func isText(_ segment: Segment, in bytes: [UInt8]) -> Bool {
        let content = bytes[segment.content]
        return segment.marker == Marker.comment
            || segment.marker == Marker.application1
                && (content.starts(with: exifHeader) || content.starts(with: xmpHeader))
    }

    private static func isFrameHeader(_ marker: UInt8) -> Bool {
        (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
    }

    private static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length = content.count + 2
        return [0xFF, marker, UInt8(length >> 8), UInt8(length & 0xFF)] + content
    }

    private static func parts(of comment: TextEntry) -> [[UInt8]] {
        let text = Array(comment.text.utf8)
        var parts: [[UInt8]] = []
        var start = 0
        repeat {
            var end = min(text.count, start + 60_000)
            // A part ends between two characters.
            while end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
            let header = CommentPart.header(keyword: comment.keyword, number: parts.count)
            parts.append(Array(header.utf8) + text[start..<end])
            start = end
        } while start < text.count
        return parts
    }
}

/// One comment segment of a text that is longer than a segment: `[keyword 0] text`.
private struct CommentPart {
    var keyword: String
    var number: Int
    var text: String

    init?(_ comment: String) {
        guard comment.hasPrefix("["), let end = comment.firstIndex(of: "]") else { return nil }
        let words = comment[comment.index(after: comment.startIndex)..<end].split(separator: " ")
        guard words.count == 2, words[0] == "latent", let number = Int(words[1]) else { return nil }
        keyword = String(words[0])
        self.number = number
        text = String(comment[comment.index(after: end)...].dropFirst())
    }

    static func header(keyword: String, number: Int) -> String { "[\(keyword) \(number)] " }
}
