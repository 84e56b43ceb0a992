import Foundation
import Generation
import Presets
import Settings
import Studio

/// Styles, presets and themes from the program's files and the user's.
public actor FileLibrary: StudioLibrary {
    private var presets: PresetLibrary
    private let themes: ThemeLibrary
    private let depth: Presets.ColorDepth
    private let userPresets: URL
    private let wildcards: WildcardLibrary
    private let catalog: ModelCatalog?
    private let companions: [ModelCatalog.Entry]

    /// Reads all files.
    ///
    /// - Parameters:
    ///   - config: the folder whose `presets/` and `themes/` are the user's.
    ///   - wildcards: the folder of the lists behind `__name__`; nil: `wildcards/` of `config`.
    ///   - depth: the colours that the terminal has.
    ///   - catalog: knows the LoRAs and embeddings; nil: none are listed.
    ///   - companions: LoRAs and embeddings that ship with the program.
    public init(
        config: URL, wildcards: URL? = nil, depth: Presets.ColorDepth,
        catalog: ModelCatalog? = nil, companions: [ModelCatalog.Entry] = []
    ) {
        self.catalog = catalog
        self.companions = companions
        self.wildcards = WildcardLibrary(
            folder: wildcards ?? config.appendingPathComponent("wildcards"))
        userPresets = config.appendingPathComponent("presets")
        presets = PresetLibrary.load(userFolder: userPresets)
        themes = ThemeLibrary.load(userFolder: config.appendingPathComponent("themes"))
        self.depth = depth
    }

    /// What is wrong in the files.
    public var problems: [PresetProblem] { presets.problems + themes.problems }

    public func names() async -> Library {
        var library = Library(
            styles: presets.styles.map { .init(name: $0.name, summary: $0.title) },
            presets: presets.parameters.map { .init(name: $0.name, summary: $0.summary) },
            themes: themes.themes.map { .init(name: $0.name, summary: $0.summary) })
        library.wildcards = wildcards.names().map { .init(name: $0, summary: "") }
        for entry in (catalog?.entries ?? []) + companions {
            let named = Library.Entry(name: entry.name, summary: "")
            switch entry.kind {
            case .lora: library.loras.append(named)
            case .embedding: library.embeddings.append(named)
            default: break
            }
        }
        return library
    }

    public func look(_ name: String) async throws -> Look {
        Look(themes.theme(named: name), depth: depth)
    }

    public func preset(
        _ name: String, for request: GenerationRequest, defaults: RequestDefaults
    ) async throws -> GenerationRequest {
        guard let preset = presets.parameters(named: name) else {
            throw EmptyLibrary.Missing(name: name)
        }
        return preset.applied(to: request, defaults: defaults)
    }

    public func savePreset(_ name: String, _ request: GenerationRequest) async throws -> String {
        let file = try ParameterPreset.save(name, request, in: userPresets)
        presets = PresetLibrary.load(userFolder: userPresets)
        return file.path
    }

    public func expanded(_ request: GenerationRequest) async throws -> GenerationRequest {
        try PromptExpander(presets: presets, wildcards: wildcards).expanded(request)
    }

    public func rerolled(_ request: GenerationRequest, draw: Int) async throws -> GenerationRequest
    {
        try PromptExpander(presets: presets, wildcards: wildcards)
            .expanded(request, rerolling: .numbers([draw]))
    }
}
