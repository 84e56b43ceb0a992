import Generation

/// The local engine, in the one place where the program meets it.
enum LocalBackend {
    /// The engine of this process.
    static func generator() -> any ImageGenerator { UnavailableEngine() }
}

/// Stands where the engine will be: says that there is none.
struct UnavailableEngine: ImageGenerator {
    struct Missing: UserFacingError {
        let summary = "This build has no local engine"
        let hint: String? = "choose another backend with --backend"
    }

    let id = "local"

    func capabilities(for request: GenerationRequest) async throws -> GeneratorCapabilities {
        throw Missing()
    }

    func defaults(for request: GenerationRequest) async throws -> RequestDefaults {
        throw Missing()
    }

    func generate(
        _ request: GenerationRequest, options: ExecutionOptions
    ) -> AsyncThrowingStream<GenerationEvent, any Error> {
        AsyncThrowingStream { $0.finish(throwing: Missing()) }
    }
}
