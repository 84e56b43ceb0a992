import CKernels

/// How activations and prepared weights are held. Sums, norms and softmax are f32 in both.
public enum Precision: String, Sendable, CaseIterable {
    case float32, bfloat16

    /// Bytes per element.
    public var byteCount: Int { self == .float32 ? 4 : 2 }

    var code: Int32 { self == .float32 ? Int32(CK_F32) : Int32(CK_BF16) }
}
