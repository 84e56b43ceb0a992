import CKernels

/// The weights of a two-dimensional convolution, prepared for one precision.
public final class ConvolutionWeights: PreparedWeights {
    public let inputs: Int
    public let outputs: Int
    public let kernelHeight: Int
    public let kernelWidth: Int
    public let stride: Int
    public let padding: ConvolutionPadding
    let product: ProductWeights
    let precision: Precision
    let bias: FloatVector?

    public var byteCount: Int { product.byteCount }

    public func drop() -> Int { product.drop() }

    public func giveUp() -> PackedMemory? { product.giveUp() }

    /// Prepares a stored weight [outputs, inputs, height, width] and bias [outputs]. `padding`
    /// nil keeps the size at stride 1: half the kernel on each side.
    ///
    /// `quantized` holds the weights as int8 with a scale per output and rounds each pixel of the
    /// input to int8 with a scale of its own. `spare` is the memory of weights whose place these
    /// take.
    public init(
        _ weight: StoredTensor, bias: StoredTensor? = nil, stride: Int = 1,
        padding: ConvolutionPadding? = nil, quantized: Bool = false,
        residence: WeightResidence = .prepared, over spare: PackedMemory? = nil,
        in compute: Compute
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
        product = try ProductWeights(
            ProductWeights.Recipe(
                parts: [weight], columns: outputs, taps: kernelHeight * kernelWidth,
                quantized: quantized,
                transformed: Self.transformPays(weight.shape, stride: stride), stride: stride),
            residence, over: spare, in: compute)
        self.bias = bias.map { FloatVector($0.floats()) }
    }

    /// Whether Winograd's transform is used for weights [outputs, inputs, height, width].
    ///
    /// It takes 4 multiplications where the plain sum takes 9, and 16 weights instead of 9. With
    /// few channels the transforms cost more than they save.
    static func transformPays(_ shape: [Int], stride: Int) -> Bool {
        shape[2...] == [3, 3] && stride == 1 && min(shape[0], shape[1]) >= 16
    }
}
