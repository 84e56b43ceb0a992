import Foundation
import Generation
import Hashing

/// Reads our own record; nothing is lost.
enum LatentReader {
    static func read(_ texts: MetadataTexts) -> PictureMetadata? {
        guard let text = texts.text(PictureRecord.keyword) else { return nil }
        let record: PictureRecord
        do {
            record = try JSONDecoder().decode(PictureRecord.self, from: Data(text.utf8))
        } catch {
            return withoutRecord(texts, because: error)
        }
        guard record.version <= PictureRecord.currentVersion else {
            return withoutRecord(texts, because: nil)
        }
        var metadata = PictureMetadata()
        metadata.tool = .latent
        metadata.toolVersion = record.engine?.program
        metadata.request = record.request
        metadata.record = record
        metadata.hashes = record.modelHashes
        return metadata
    }

    /// A damaged record, or one of a newer version: A1111's text beside it still says most.
    private static func withoutRecord(
        _ texts: MetadataTexts, because error: (any Error)?
    ) -> PictureMetadata? {
        guard var metadata = A1111Reader.read(texts) else { return nil }
        metadata.tool = .latent
        let reason =
            switch error {
            case nil: "the record is of a newer version of latent"
            case let error as RequestFormatError: error.summary
            default: "the record is damaged"
            }
        metadata.warn(reason + "; only its A1111 part is used")
        return metadata
    }
}
