/// How a `Compute` runs.
public struct ComputeOptions: Sendable, Equatable {
    /// Worker threads, the caller included; 1 or more. Changes no bit of any result.
    public var threads: Int
    /// How activations and prepared weights are held.
    public var precision: Precision
    /// Whether networks hold the weights that bear it as int8 and round activations in front of
    /// them; for the networks to heed.
    public var quantizes = false
    /// The instructions to use; never above what the machine has.
    public var level: InstructionLevel
    /// What computes linear layers and convolutions.
    public var products: ProductEngine
    /// Addresses reserved for activations, in bytes; only touched pages take memory.
    public var arenaBytes: Int

    /// Defaults: one thread, f32, the preferred level, 64 GB of addresses.
    public init(
        threads: Int = 1, precision: Precision = .float32, level: InstructionLevel = .preferred
    ) {
        self.threads = threads
        self.precision = precision
        self.level = level
        products = .best(for: precision)
        arenaBytes = 64 << 30
    }
}
