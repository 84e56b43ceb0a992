import Foundation
import Settings

/// What every command stands on: folders, configuration, backends.
struct CommandContext: Sendable {
    let environment: [String: String]
    let folders: Folders
    let configuration: Configuration
    let backends: BackendRegistry

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
            backends: BackendRegistry(configuration: configuration, environment: environment))
    }
}
