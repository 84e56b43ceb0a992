import Generation
import Studio

/// Styles, presets and themes by name, from the program and from the user's folders.
public protocol StudioLibrary: Sendable {
    /// The names to choose from.
    func names() async -> Library
    /// A theme by name.
    func look(_ name: String) async throws -> Look
    /// The parameters that a preset sets.
    func preset(_ name: String) async throws -> [ParameterID: String]
    /// Saves the given parameters of a request as a preset of the user.
    func savePreset(_ name: String, _ request: GenerationRequest) async throws
    /// A request with the style that it names put into its expansion.
    func expanded(_ request: GenerationRequest) async throws -> GenerationRequest
}
