import Foundation
import Generation
import Hashing
import Images
import Settings

/// Writes finished pictures so that none is lost: where its path fails, the data folder and then
/// the temporary folder are tried.
struct PictureWriter: Sendable {
    let plan: OutputPlan
    /// The request as it runs, for the texts inside; nil with `--no-metadata`.
    let recordedRequest: GenerationRequest?
    /// The job in the journal, nil without an entry.
    let job: String?
    /// Program and machine; nil for remote backends.
    let engine: EngineIdentity?
    /// SHA-256 of the files that take part, by role.
    var modelHashes: [String: String] = [:]
    /// Where pictures go whose path fails.
    let refuges: [URL]

    /// A picture that was written, and why not where it was meant to be.
    struct Outcome: Sendable {
        let picture: SavedPicture
        let failure: FileError?
    }

    /// Encodes and writes one picture.
    ///
    /// - Throws: a ``UserFacingError`` when it cannot be encoded, or be written anywhere.
    func write(_ generated: GeneratedImage) throws -> Outcome {
        let path = plan.path(index: generated.index, seed: generated.seed)
        var picture = SavedPicture(generated, path: path)
        let bytes = try encode(generated, picture)
        // Files that hold prompts are their owner's alone.
        let access: AtomicFile.Access = recordedRequest == nil ? .ordinary : .owner
        do {
            try AtomicFile.write(bytes, to: path, access: access)
            return Outcome(picture: picture, failure: nil)
        } catch let failure as FileError {
            picture.path = try keep(bytes, of: generated, after: failure)
            return Outcome(picture: picture, failure: failure)
        }
    }

    private func encode(
        _ generated: GeneratedImage, _ picture: SavedPicture
    ) throws -> [UInt8] {
        let bytes = try generated.image.encoded(as: plan.format)
        guard let recordedRequest else { return bytes }
        var record = PictureRecord(
            request: recordedRequest, seed: generated.seed, pixelsSHA256: picture.pixelsSHA256,
            job: job)
        record.modelHashes = modelHashes
        record.engine = engine
        return Array(
            try PictureMetadata.embed(
                record, in: Data(bytes), width: picture.width, height: picture.height))
    }

    /// Writes to the first refuge that takes it, under a short name of its own: the one that was
    /// asked for may be what failed.
    ///
    /// - Throws: the first failure when none does.
    private func keep(
        _ bytes: [UInt8], of generated: GeneratedImage, after failure: FileError
    ) throws -> String {
        let name = "\(plan.id)-\(generated.index).\(plan.format.fileExtension)"
        for folder in refuges {
            let refuge = folder.appendingPathComponent(name).path
            guard refuge != failure.path else { continue }
            try? Folders.create(folder)
            do {
                try AtomicFile.write(bytes, to: refuge)
                return refuge
            } catch {
                continue
            }
        }
        throw failure
    }
}
