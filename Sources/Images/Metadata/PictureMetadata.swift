import Foundation
import Generation

/// What a picture says about its making, whichever tool wrote it.
///
/// ``read(from:)`` turns the texts of a PNG, JPEG or WebP file into a ``GenerationRequest`` that
/// comes as close to the original as this program can, with a warning for everything that will
/// differ. All texts are untrusted: warnings are printable, the request's own texts are not and go
/// through `printable()` where they are shown.
public struct PictureMetadata: Hashable, Sendable {
    /// The program that wrote it; nil when the picture carries nothing that is understood.
    public var tool: SourceTool?
    /// The program's version as it says.
    public var toolVersion: String?
    /// The request, nil when nothing could be read.
    public var request: GenerationRequest?
    /// Our own record, when this program made the picture.
    public var record: PictureRecord?
    /// Hashes of model files as the tool writes them (often a prefix), by role: `model`, `vae`,
    /// `lora:NAME`, `embedding:NAME`.
    public var hashes: [String: String] = [:]
    /// Why a new run may differ from this picture, in sentences for people.
    public var warnings: [String] = []
    /// Every text of the file as stored.
    public var entries: [TextEntry] = []
    /// Width that the file's header states.
    public var width: Int?
    /// Height that the file's header states.
    public var height: Int?

    /// Nothing known yet.
    public init() {}

    /// Adds a warning, made safe for a terminal.
    mutating func warn(_ text: String) {
        let safe = printable(text)
        if !warnings.contains(safe) { warnings.append(safe) }
    }

    /// Reads the metadata of an encoded picture. Damage is a warning, not an error.
    ///
    /// - Throws: ``PictureFormatError/unknownFormat`` when the data is not PNG, JPEG or WebP.
    public static func read(from data: Data) throws -> PictureMetadata {
        let texts = try containerTexts([UInt8](data))
        var metadata = interpret(texts.entries)
        metadata.width = texts.size?.width
        metadata.height = texts.size?.height
        metadata.entries = texts.entries
        for warning in texts.warnings { metadata.warn(warning) }
        if metadata.request != nil { metadata.fillSizeFromFile() }
        return metadata
    }

    /// Reads the metadata of a file.
    ///
    /// - Throws: ``PictureFormatError``, or the error of the file system.
    public static func read(fileAt path: String) throws -> PictureMetadata {
        try read(from: try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe))
    }

    /// Understands a text that was pasted: A1111's parameters, or JSON of any of the tools.
    public static func read(fromText text: String) -> PictureMetadata {
        interpret([TextEntry(keyword: A1111Parameters.keyword, text: text)])
    }

    private static func containerTexts(_ bytes: [UInt8]) throws -> ContainerTexts {
        if bytes.starts(with: PNGTextChunks.signature) {
            return try PNGTextChunks.contents(of: bytes)
        }
        if bytes.starts(with: [0xFF, 0xD8]) { return try JPEGTexts.contents(of: bytes) }
        return try WebPTexts.contents(of: bytes)
    }

    /// The first reader that understands the texts wins; each looks at its own keywords only.
    private static func interpret(_ entries: [TextEntry]) -> PictureMetadata {
        for reader in MetadataReaders.all {
            if let metadata = reader(MetadataTexts(entries: entries)) { return metadata }
        }
        return PictureMetadata()
    }

    /// Tools without a size field mean the size of the file, as far as a request can express it.
    private mutating func fillSizeFromFile() {
        guard let width, let height, request?.width == nil, request?.height == nil,
            width % 8 == 0, height % 8 == 0, (64...16384).contains(width),
            (64...16384).contains(height)
        else { return }
        request?.width = width
        request?.height = height
    }
}
