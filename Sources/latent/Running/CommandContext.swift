import Foundation
import Generation
import Hashing
import History
import Presets
import Settings

/// What every command stands on: folders, configuration, backends.
struct CommandContext: Sendable {
    let environment: [String: String]
    let folders: Folders
    let configuration: Configuration
    let backends: BackendRegistry

    /// Models by name.
    var catalog: ModelCatalog { backends.catalog }
    /// Styles and parameter presets, shipped and the user's.
    var presets: PresetLibrary {
        PresetLibrary.load(userFolder: folders.config.appendingPathComponent("presets"))
    }

    /// Expands prompts with the user's wildcards and styles.
    var expander: PromptExpander {
        PromptExpander(
            presets: presets,
            wildcards: WildcardLibrary(folder: configuration.wildcardFolder(folders)))
    }

    /// What takes part in a request, by content; hashes are cached by size and time.
    ///
    /// - Throws: `CancellationError`.
    func files(of request: GenerationRequest) throws -> [FileIdentity] {
        let catalog = catalog
        let request =
            request.backend == "local" ? LocalBackend.naming(request, catalog) : request
        let embedded = request.backend == "local" ? LocalBackend.embeddedModel?.path : nil
        return try RequestFiles.identities(
            of: request, cache: FileHashCache(cacheFolder: folders.cache), defaultModel: embedded
        ) { name in
            if FileManager.default.fileExists(atPath: name) { return name }
            // The names of a service are its own.
            guard ["local", "fake"].contains(request.backend) else { return nil }
            return (catalog.resolve(name) ?? EmbeddedCompanions.resolve(name))?.path
        }
    }

    /// The context of this process.
    ///
    /// - Throws: ``ConfigurationError``.
    static func current(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> CommandContext {
        let folders = Folders(environment: environment)
        let configuration = try Configuration.load(from: folders)
        return CommandContext(
            environment: environment, folders: folders, configuration: configuration,
            backends: BackendRegistry(
                configuration: configuration, environment: environment,
                catalog: ModelCatalog(folders: folders)))
    }
}
