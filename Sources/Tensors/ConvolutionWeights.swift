import CKernels

/// The weights of a two-dimensional convolution, prepared for one precision.
public final class ConvolutionWeights: Sendable {
    public let inputs: Int
    public let outputs: Int
    public let kernelHeight: Int
    public let kernelWidth: Int
    public let stride: Int
    public let padding: ConvolutionPadding
    let product: PreparedProduct
    let precision: Precision
    let bias: FloatVector?

    /// Bytes of the prepared weights.
    public var byteCount: Int { product.byteCount }

    /// Prepares a stored weight [outputs, inputs, height, width] and bias [outputs]. `padding`
    /// nil keeps the size at stride 1: half the kernel on each side.
    public init(
        _ weight: StoredTensor, bias: StoredTensor? = nil, stride: Int = 1,
        padding: ConvolutionPadding? = nil, in compute: Compute
    ) throws {
        guard weight.shape.count == 4, stride > 0,
            bias == nil || bias?.count == weight.shape[0]
        else {
            throw TensorError.shapeMismatch(
                operation: "convolution weights", detail: "\(weight.shape)")
        }
        outputs = weight.shape[0]
        inputs = weight.shape[1]
        kernelHeight = weight.shape[2]
        kernelWidth = weight.shape[3]
        self.stride = stride
        self.padding = padding ?? ConvolutionPadding(kernelHeight / 2)
        precision = compute.precision
        if compute.options.products == .oneDNN,
            let product = try compute.oneDNNProduct([weight], hasBias: true, stride: stride)
        {
            self.product = .oneDNN(product)
        } else {
            product = .kernels(
                try compute.packed(
                    [weight], columns: outputs, taps: kernelHeight * kernelWidth))
        }
        self.bias = bias.map { FloatVector($0.floats()) }
    }
}
