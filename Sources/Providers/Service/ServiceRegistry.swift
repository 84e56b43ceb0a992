import Settings

/// The services of this program: one line each.
public enum ServiceRegistry {
    /// In the order of lists and tables.
    public static let services: [any RemoteService] = [
        InferenceSh(), ImagePipeline(), Segmind(), OctoAI(),
        A1111(), ComfyUI(), SDServer(), OpenAIImages(),
    ]

    /// The service of a kind; nil where there is none yet.
    public static func service(of kind: BackendKind) -> (any RemoteService)? {
        services.first { $0.profile.kind == kind }
    }
}
