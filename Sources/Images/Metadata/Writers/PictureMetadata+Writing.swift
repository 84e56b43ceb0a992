import Foundation
import Generation

extension PictureMetadata {
    /// The texts that describe a picture: A1111's `parameters` and our own versioned JSON.
    ///
    /// - Parameters:
    ///   - record: what to record.
    ///   - width: pixels of the finished picture.
    ///   - height: pixels of the finished picture.
    /// - Throws: `EncodingError` when the request holds a number that JSON cannot express.
    public static func texts(
        for record: PictureRecord, width: Int, height: Int
    ) throws -> [TextEntry] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(record), as: UTF8.self)
        let parameters = A1111Parameters.text(for: record, width: width, height: height)
        return [
            TextEntry(keyword: A1111Parameters.keyword, text: parameters),
            TextEntry(keyword: PictureRecord.keyword, text: json),
        ]
    }

    /// An encoded PNG or JPEG with the record inside.
    ///
    /// PNG: text chunks `parameters` and `latent`. JPEG: EXIF `UserComment` and COM segments.
    ///
    /// - Throws: ``PictureFormatError`` when `data` is neither; `EncodingError` as
    ///   ``texts(for:width:height:)``.
    public static func embed(
        _ record: PictureRecord, in data: Data, width: Int, height: Int
    ) throws -> Data {
        let texts = try texts(for: record, width: width, height: height)
        if data.starts(with: PNGTextChunks.signature) {
            return try PNGTextChunks.insert(texts, into: data)
        }
        return try JPEGTexts.insert(
            userComment: texts[0].text, comments: [texts[1]], into: data)
    }
}
