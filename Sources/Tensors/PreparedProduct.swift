/// Weights as the engine that will run them wants them.
enum PreparedProduct: Sendable {
    case kernels(PackedMatrix)
    /// A 3x3 kernel as the sixteen taps of Winograd's F(2x2, 3x3).
    case transformed(PackedMatrix)
    case int8(Int8Matrix)
    case oneDNN(OneDNNProduct)

    var byteCount: Int {
        switch self {
        case .kernels(let packed), .transformed(let packed): packed.byteCount
        case .int8(let matrix): matrix.byteCount
        case .oneDNN(let product): product.byteCount
        }
    }

    /// The memory that other weights of the same size could lie in.
    var memory: PackedMemory? {
        switch self {
        case .kernels(let packed), .transformed(let packed): packed.memory
        case .int8(let matrix): matrix.memory
        case .oneDNN: nil
        }
    }
}
