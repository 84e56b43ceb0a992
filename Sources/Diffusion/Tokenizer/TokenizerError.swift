import Generation

/// Why a tokenizer could not be loaded.
public enum TokenizerError: UserFacingError, Hashable {
    /// The folder has neither `vocab.json` with `merges.txt` nor `tokenizer.json`.
    case noFiles(folder: String)
    /// A file could not be read.
    case unreadable(file: String, reason: String)
    /// A file is larger than any tokenizer.
    case tooLarge(file: String, bytes: Int)
    /// A file does not hold what its name promises.
    case malformed(file: String, reason: String)
    /// The merges that ship with the program were not found.
    case shippedMergesMissing

    public var summary: String {
        switch self {
        case .noFiles(let folder):
            "\(printable(folder)) has no tokenizer: neither vocab.json with merges.txt nor "
                + "tokenizer.json is there"
        case .unreadable(let file, let reason):
            "the tokenizer file \(printable(file)) cannot be read: \(printable(reason))"
        case .tooLarge(let file, let bytes):
            "the tokenizer file \(printable(file)) has \(bytes) bytes, more than a tokenizer needs"
        case .malformed(let file, let reason):
            "the tokenizer file \(printable(file)) is damaged: \(printable(reason))"
        case .shippedMergesMissing:
            "the CLIP vocabulary that ships with latent was not found"
        }
    }

    public var hint: String? {
        switch self {
        case .noFiles: "copy the tokenizer folder of the model's repository"
        case .unreadable: "check the path and its permissions"
        case .tooLarge, .malformed: "fetch the file again from the model's repository"
        case .shippedMergesMissing: "keep the folder of resources beside the latent binary"
        }
    }
}
