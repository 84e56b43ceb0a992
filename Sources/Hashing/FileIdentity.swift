/// A file that took part in making a picture, by content.
public struct FileIdentity: Codable, Hashable, Sendable {
    /// What it was used as: `model`, `vae`, `refiner`, `lora:NAME`, `embedding:TOKEN`,
    /// `control:NAME`, `initImage`, `maskImage`, ...
    public var role: String
    /// Where it was; a file or, for a model, a folder.
    public var path: String
    /// Bytes in all.
    public var byteCount: Int
    /// SHA-256 of the file; for a folder, of the list of its weight files and their hashes.
    public var sha256: String

    /// The identity of a file.
    public init(role: String, path: String, byteCount: Int, sha256: String) {
        self.role = role
        self.path = path
        self.byteCount = byteCount
        self.sha256 = sha256
    }
}
