/// The texts of one picture, looked up by keyword.
struct MetadataTexts {
    let entries: [TextEntry]

    /// The first text under `keyword`.
    func text(_ keyword: String) -> String? {
        entries.first { $0.keyword == keyword }?.text
    }

    /// Texts that hold A1111's form or JSON: PNG `parameters`, EXIF `UserComment`.
    var parameters: String? { text("parameters") ?? text("UserComment") ?? text("Comment") }

    /// The JSON under `keyword`, nil when it is absent or not JSON.
    func json(_ keyword: String) -> JSONValue? {
        text(keyword).flatMap { JSONValue(parsing: $0) }
    }
}

/// Every reader, the most specific first; a new tool is one more line here.
enum MetadataReaders {
    typealias Reader = @Sendable (MetadataTexts) -> PictureMetadata?

    static let all: [Reader] = [
        LatentReader.read,
        InvokeAIReader.read,
        SwarmUIReader.read,
        FooocusReader.read,
        StableDiffusionCppReader.read,
        NovelAIReader.read,
        DrawThingsReader.read,
        A1111Reader.read,
        ComfyUIReader.read,
    ]
}
