/// The program and machine that computed a picture, as far as they can change its bits.
///
/// Recorded when a session opens and compared when it is replayed: the same build on the same CPU
/// features promises the same bits.
public struct EngineIdentity: Codable, Hashable, Sendable {
    /// Name and version of the program, for example `latent 0.1.0`.
    public var program: String
    /// What tells one build of the engine from another: a version, a commit or a build hash.
    public var build: String
    /// CPU features that select kernels, for example `avx512_bf16`; sorted.
    public var cpuFeatures: [String]

    /// An identity; the features are sorted.
    public init(program: String, build: String, cpuFeatures: [String]) {
        self.program = program
        self.build = build
        self.cpuFeatures = cpuFeatures.sorted()
    }
}
