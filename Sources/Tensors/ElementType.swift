import CKernels

/// How the elements of stored weights are encoded.
public enum ElementType: String, Sendable, CaseIterable {
    case float32, float16, bfloat16, float8E4M3, float8E5M2

    /// Bytes per element.
    public var byteCount: Int {
        switch self {
        case .float32: 4
        case .float16, .bfloat16: 2
        case .float8E4M3, .float8E5M2: 1
        }
    }

    var code: Int32 {
        switch self {
        case .float32: Int32(CK_F32)
        case .float16: Int32(CK_F16)
        case .bfloat16: Int32(CK_BF16)
        case .float8E4M3: Int32(CK_F8E4M3)
        case .float8E5M2: Int32(CK_F8E5M2)
        }
    }
}
