import Generation
import Hashing

/// What is recorded inside a picture beside its pixels: enough to make it again and to check that
/// it came out the same.
public struct PictureRecord: Codable, Hashable, Sendable {
    /// The version that this program writes.
    public static let currentVersion = 1
    /// PNG keyword of the record.
    public static let keyword = "latent"

    /// Version of the record, at least 1.
    public var version: Int = Self.currentVersion
    /// The request that gives this one picture: every default filled in, one seed.
    public var request: GenerationRequest
    /// The job in the journal, when there is one.
    public var job: String?
    /// SHA-256 over the raw RGB rows.
    public var pixelsSHA256: String
    /// SHA-256 of each model file that took part, by role: `model`, `vae`, `lora:NAME`, ...
    public var modelHashes: [String: String] = [:]
    /// Program and machine; nil for remote backends.
    public var engine: EngineIdentity?

    /// The record of one picture of a finished `request`.
    ///
    /// - Parameter seed: the picture's own seed; nil keeps the seeds of the request.
    public init(
        request: GenerationRequest, seed: UInt64?, pixelsSHA256: String, job: String? = nil
    ) {
        self.request = request
        if let seed { self.request.seeds = [seed] }
        self.pixelsSHA256 = pixelsSHA256
        self.job = job
    }
}
