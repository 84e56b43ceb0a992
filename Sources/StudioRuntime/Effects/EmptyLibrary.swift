import Generation
import Studio

/// No styles, presets or themes: for tests.
public struct EmptyLibrary: StudioLibrary {
    /// Nothing of that name.
    struct Missing: UserFacingError {
        let name: String
        var summary: String { "nothing is called \"\(printable(name, limit: 60))\"" }
        let hint: String? = nil
    }

    public init() {}

    public func names() async -> Library { Library() }
    public func described() async -> Library? { nil }
    public func look(_ name: String) async throws -> Look { throw Missing(name: name) }
    public func preset(
        _ name: String, for request: GenerationRequest, defaults: RequestDefaults
    ) async throws -> GenerationRequest { throw Missing(name: name) }
    public func savePreset(_ name: String, _ request: GenerationRequest) async throws -> String {
        throw Missing(name: name)
    }
    public func rerolled(_ request: GenerationRequest, draw: Int) async throws -> GenerationRequest
    {
        throw Missing(name: "\(draw)")
    }
    public func expanded(_ request: GenerationRequest) async throws -> GenerationRequest { request }
}
