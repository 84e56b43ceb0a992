import CKernels

/// A function applied to each element.
public enum Activation: Sendable, CaseIterable {
    case none
    /// x * sigmoid(x).
    case silu
    /// The exact GELU, with the error function.
    case gelu
    /// x * sigmoid(1.702 x), as CLIP's first encoder has it.
    case quickGelu
    /// max(x, 0).
    case relu

    var code: Int32 {
        switch self {
        case .none: Int32(CK_NONE)
        case .silu: Int32(CK_SILU)
        case .gelu: Int32(CK_GELU)
        case .quickGelu: Int32(CK_QUICKGELU)
        case .relu: Int32(CK_RELU)
        }
    }
}
