/// What an operation on tensors can fail with, besides what `Compute.checkCancelled` throws.
public enum TensorError: Error, Equatable, Sendable {
    /// Shapes do not fit together; `detail` names the shapes met.
    case shapeMismatch(operation: String, detail: String)
    /// The system gave no memory.
    case outOfMemory(bytes: Int)
    /// A library has no code for this operation on this machine.
    case unsupported(operation: String)
    /// The run was stopped without an error of its own.
    case stopped
}
