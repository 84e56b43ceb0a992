/// A generator of unit normal noise that gives the same numbers as an upstream one.
///
/// Successive draws continue the stream, as a `torch.Generator` passed through a pipeline does.
public protocol NoiseSource: Sendable {
    /// Starts the stream of a seed.
    init(seed: UInt64)
    /// Draws `count` unit normal numbers, in row-major order of the tensor they fill.
    mutating func normal(count: Int) -> [Float]
}
