import Generation
import Studio

/// Styles, presets and themes by name, from the program and from the user's folders.
public protocol StudioLibrary: Sendable {
    /// The names to choose from.
    func names() async -> Library
    /// The names again with what adapters say of themselves; nil where ``names()`` had it all.
    func described() async -> Library?
    /// A theme by name.
    func look(_ name: String) async throws -> Look
    /// The request with a preset's values.
    func preset(
        _ name: String, for request: GenerationRequest, defaults: RequestDefaults
    ) async throws -> GenerationRequest
    /// Keeps what a preset may hold of a request under a name; one of the user's is replaced.
    ///
    /// - Returns: the file, for people.
    func savePreset(_ name: String, _ request: GenerationRequest) async throws -> String
    /// A request with the style that it names put into its expansion; one that has an expansion stays
    /// as it is.
    func expanded(_ request: GenerationRequest) async throws -> GenerationRequest
    /// A request with one of its draws made again, the first being 1; the others stay.
    func rerolled(_ request: GenerationRequest, draw: Int) async throws -> GenerationRequest
}
