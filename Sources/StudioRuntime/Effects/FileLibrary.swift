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
    private let describe: @Sendable (ModelCatalog.Entry) -> String
    /// What adapters say of themselves, as long as their files stay the same.
    private var summaries: [String: (stamp: Stamp, text: String)] = [:]

    /// Tells a file that was changed.
    private struct Stamp: Equatable {
        let bytes: Int?
        let date: Date?

        init(_ path: String) {
            let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            let found = try? FileManager.default.attributesOfItem(atPath: place)
            bytes = found?[.size] as? Int
            date = found?[.modificationDate] as? Date
        }
    }

    /// Reads all files.
    ///
    /// - Parameters:
    ///   - config: the folder whose `presets/` and `themes/` are the user's.
    ///   - wildcards: the folder of the lists behind `__name__`; nil: `wildcards/` of `config`.
    ///   - depth: the colours that the terminal has.
    ///   - catalog: knows the LoRAs and embeddings; nil: none are listed.
    ///   - companions: LoRAs and embeddings that ship with the program.
    ///   - describe: what the file of a LoRA or an embedding says of itself.
    public init(
        config: URL, wildcards: URL? = nil, depth: Presets.ColorDepth,
        catalog: ModelCatalog? = nil, companions: [ModelCatalog.Entry] = [],
        describe: @escaping @Sendable (ModelCatalog.Entry) -> String = { _ in "" }
    ) {
        self.describe = describe
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
        for entry in models {
            let named = Library.Entry(name: entry.name, summary: known(entry) ?? "")
            switch entry.kind {
            case .checkpoint: library.models.append(named)
            case .lora: library.loras.append(named)
            case .embedding: library.embeddings.append(named)
            case .controlnet: library.controlNets.append(named)
            case .ipAdapter: library.imageAdapters.append(named)
            case .vae: library.vaes.append(named)
            case .safetyChecker: library.safetyCheckers.append(named)
            }
        }
        return library
    }

    public func described() async -> Library? {
        let open = models.filter { [.lora, .embedding].contains($0.kind) && known($0) == nil }
        guard !open.isEmpty else { return nil }
        for entry in open {
            summaries[entry.path] = (Stamp(entry.path), describe(entry))
        }
        return await names()
    }

    private var models: [ModelCatalog.Entry] { (catalog?.entries ?? []) + companions }

    /// What was read of a file; nil when it has changed since, or was not read yet.
    private func known(_ entry: ModelCatalog.Entry) -> String? {
        guard let summary = summaries[entry.path], summary.stamp == Stamp(entry.path) else {
            return nil
        }
        return summary.text
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
