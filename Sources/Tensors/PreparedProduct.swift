/// Weights as the engine that will run them wants them.
enum PreparedProduct: Sendable {
    case kernels(PackedMatrix)
    case oneDNN(OneDNNProduct)

    var byteCount: Int {
        switch self {
        case .kernels(let packed): packed.byteCount
        case .oneDNN(let product): product.byteCount
        }
    }
}
