/// Scale and shift of a group or layer normalisation, in f32.
public final class NormWeights: Sendable {
    let gamma: FloatVector
    let beta: FloatVector

    /// Number of channels.
    public var channels: Int { gamma.count }

    /// Takes a stored scale [channels] and shift [channels].
    public init(_ gamma: StoredTensor, _ beta: StoredTensor) throws {
        guard gamma.count == beta.count else {
            throw TensorError.shapeMismatch(
                operation: "norm weights", detail: "\(gamma.shape) and \(beta.shape)")
        }
        self.gamma = FloatVector(gamma.floats())
        self.beta = FloatVector(beta.floats())
    }
}
