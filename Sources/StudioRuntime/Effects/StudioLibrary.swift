import Generation
import Studio

/// Styles, presets and themes by name, from the program and from the user's folders.
public protocol StudioLibrary: Sendable {
    /// The names to choose from.
    func names() async -> Library
    /// A theme by name.
    func look(_ name: String) async throws -> Look
    /// The request with a preset's values.
    func preset(
        _ name: String, for request: GenerationRequest, defaults: RequestDefaults
    ) async throws -> GenerationRequest
    /// A request with the style that it names put into its expansion.
    func expanded(_ request: GenerationRequest) async throws -> GenerationRequest
}
