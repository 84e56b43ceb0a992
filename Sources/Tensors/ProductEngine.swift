import CKernels

/// Which code computes linear layers and convolutions.
///
/// On AVX-512 with bf16 both reach the same share of the core's peak; our own kernels also fuse
/// gates, enlargements and per-picture biases. oneDNN knows AMX tiles, which ours do not.
public enum ProductEngine: String, Sendable, CaseIterable {
    /// The kernels of this package.
    case kernels
    /// The oneDNN library.
    case oneDNN = "onednn"

    /// oneDNN for bf16 on machines with AMX, our kernels everywhere else.
    public static func best(for precision: Precision) -> ProductEngine {
        precision == .bfloat16 && ck_has_amx() != 0 ? .oneDNN : .kernels
    }
}
