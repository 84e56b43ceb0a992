import CKernels

extension Compute {
    /// activation(x W^T + bias) + residual for x [..., inputs]; returns [..., outputs].
    ///
    /// A gated layer gives value * gelu(gate) and takes no other activation. `residual` has the
    /// result's shape; the sum is rounded once.
    public func linear(
        _ x: Tensor, _ weights: LinearWeights, activation: Activation = .none,
        residual: Tensor? = nil, as output: Precision? = nil
    ) throws -> Tensor {
        guard x.channels == weights.inputs, !weights.isGated || activation == .none else {
            throw TensorError.shapeMismatch(
                operation: "linear", detail: "\(x.shape) by \(weights.inputs) inputs")
        }
        let result = try tensor(x.shape.dropLast() + [weights.outputs], output ?? x.precision)
        try check(weights.precision, residual, fits: result, x)
        let product = try weights.product.product(in: self)
        if case .oneDNN(let compiled) = product {
            return try oneDNNLinear(
                x, weights, compiled, activation: activation, residual: residual, into: result)
        }
        var work = geometry(of: weights, rows: x.rows)
        work.activation = weights.isGated ? Int32(CK_GEGLU) : activation.code
        let columns = Double(weights.outputs * (weights.isGated ? 2 : 1))
        let operations = 2 * Double(x.rows) * columns * Double(weights.inputs)
        let counted = (OperationKind.linear, operations)
        try multiply(
            &work, x, product, weights.bias, residual: residual, into: result,
            counted: counted)
        return result
    }

    /// The convolution of x [N, H, W, inputs]; returns [N, H', W', outputs].
    ///
    /// `channelBias` [N, outputs] is added to every pixel of its picture before the activation;
    /// `residual` has the result's shape and is added after it; with `overwritesResidual` the
    /// result takes its memory where the precision allows. With `upsampled`, the input is read as
    /// if it had been enlarged twice (nearest neighbour) beforehand.
    public func convolution2D(
        _ x: Tensor, _ weights: ConvolutionWeights, activation: Activation = .none,
        channelBias: Tensor? = nil, residual: Tensor? = nil, overwritesResidual: Bool = false,
        upsampled: Bool = false, as output: Precision? = nil
    ) throws -> Tensor {
        let (x, padding, upsampled) = try convolutionInput(x, weights, upsampled: upsampled)
        let shape = try convolvedShape(x, weights, padding, upsampled: upsampled)
        let precision = output ?? x.precision
        let reused = overwritesResidual && residual?.precision == precision ? residual : nil
        let result = try reused?.reshaped(shape) ?? tensor(shape, precision)
        try check(weights.precision, residual, fits: result, x)
        var perPicture: Tensor?
        if let channelBias {
            guard channelBias.count == shape[0] * shape[3] else {
                throw TensorError.shapeMismatch(
                    operation: "channel bias", detail: "\(channelBias.shape) for \(shape)")
            }
            perPicture = try converted(channelBias, to: .float32)
        }
        let product = try weights.product.product(in: self)
        if case .oneDNN(let compiled) = product {
            try oneDNNConvolution(
                upsampled ? upsampleNearest2x(x) : x, weights, compiled, padding,
                channelBias: perPicture, activation: activation, residual: residual, into: result)
            return result
        }
        var work = geometry(of: weights, padding, x.shape, to: shape)
        work.upsample = upsampled ? 1 : 0
        work.activation = activation.code
        work.channel_bias = perPicture.map {
            UnsafePointer($0.pointer.assumingMemoryBound(to: Float.self))
        }
        let taps = weights.kernelHeight * weights.kernelWidth
        let operations = 2 * Double(result.count) * Double(weights.inputs * taps)
        try withExtendedLifetime(perPicture) {
            try multiply(
                &work, x, product, weights.bias, residual: residual, into: result,
                counted: (.convolution, operations))
        }
        return result
    }

    /// A linear layer as a 1x1 convolution over one line of pixels.
    private func geometry(of weights: LinearWeights, rows: Int) -> ck_gemm {
        var work = ck_gemm()
        work.pictures = 1
        work.in_height = 1
        work.in_width = rows
        work.out_height = 1
        work.out_width = rows
        work.outputs = weights.outputs
        work.kernel_height = 1
        work.kernel_width = 1
        work.stride = 1
        return work
    }

    private func geometry(
        of weights: ConvolutionWeights, _ padding: ConvolutionPadding, _ shape: [Int],
        to result: [Int]
    ) -> ck_gemm {
        var work = ck_gemm()
        work.pictures = shape[0]
        work.in_height = shape[1]
        work.in_width = shape[2]
        work.out_height = result[1]
        work.out_width = result[2]
        work.outputs = weights.outputs
        work.kernel_height = Int32(weights.kernelHeight)
        work.kernel_width = Int32(weights.kernelWidth)
        work.stride = Int32(weights.stride)
        work.pad_top = Int32(padding.top)
        work.pad_left = Int32(padding.left)
        return work
    }

    private func convolvedShape(
        _ x: Tensor, _ weights: ConvolutionWeights, _ padding: ConvolutionPadding,
        upsampled: Bool
    ) throws -> [Int] {
        let factor = upsampled ? 2 : 1
        guard x.shape.count == 4, x.channels == weights.inputs else {
            throw TensorError.shapeMismatch(
                operation: "convolution", detail: "\(x.shape) by \(weights.inputs) inputs")
        }
        let height = x.shape[1] * factor + padding.top + padding.bottom - weights.kernelHeight
        let width = x.shape[2] * factor + padding.left + padding.right - weights.kernelWidth
        guard height >= 0, width >= 0 else {
            throw TensorError.shapeMismatch(
                operation: "convolution", detail: "\(x.shape) is smaller than the kernel")
        }
        return [
            x.shape[0], height / weights.stride + 1, width / weights.stride + 1, weights.outputs,
        ]
    }

    private func check(
        _ prepared: Precision, _ residual: Tensor?, fits result: Tensor, _ x: Tensor
    ) throws {
        guard prepared == x.precision else {
            throw TensorError.shapeMismatch(
                operation: "product",
                detail: "\(x.precision) activations with \(prepared) weights")
        }
        guard let residual else { return }
        guard residual.count == result.count, residual.precision == x.precision else {
            throw TensorError.shapeMismatch(
                operation: "residual", detail: "\(residual.shape) for \(result.shape)")
        }
    }

    /// bf16 products read channels in pairs: an odd last one gets a zero beside it.
    private func evenChannels(_ x: Tensor) throws -> Tensor {
        guard x.precision == .bfloat16, x.channels % 2 == 1 else { return x }
        let result = try tensor(x.shape.dropLast() + [x.channels + 1], .bfloat16)
        result.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: result.byteCount)
        try copyRows(
            from: x.pointer, stride: x.channels * 2, to: result.pointer,
            stride: (x.channels + 1) * 2, rows: x.rows, bytes: x.channels * 2)
        return result
    }

    private func multiply(
        _ work: inout ck_gemm, _ x: Tensor, _ weights: PreparedProduct, _ bias: FloatVector?,
        residual: Tensor?, into result: Tensor, counted: (OperationKind, Double)
    ) throws {
        switch weights {
        case .transformed(let packed):
            work.transformed = 1
            try multiply(
                &work, evenChannels(x), packed, bias, residual: residual, into: result,
                counted: counted)
        case .kernels(let packed):
            try multiply(
                &work, evenChannels(x), packed, bias, residual: residual, into: result,
                counted: counted)
        case .int8(let matrix):
            try multiply(
                &work, x, matrix, bias, residual: residual, into: result, counted: counted)
        case .oneDNN: break
        }
    }

    /// Rounds the rows of x to int8, each with a scale of its own, and multiplies.
    private func multiply(
        _ work: inout ck_gemm, _ x: Tensor, _ matrix: Int8Matrix, _ bias: FloatVector?,
        residual: Tensor?, into result: Tensor, counted: (OperationKind, Double)
    ) throws {
        let padded = (x.channels + 3) / 4 * 4
        let bytes = try arena.allocate(x.rows * padded)
        let scales = try tensor([x.rows], .float32)
        var rounding = ck_quantize()
        rounding.x = UnsafeRawPointer(x.pointer)
        rounding.type = x.precision.code
        rounding.rows = x.rows
        rounding.columns = x.channels
        rounding.out = bytes.pointer.assumingMemoryBound(to: UInt8.self)
        rounding.scales = scales.pointer.assumingMemoryBound(to: Float.self)
        try withExtendedLifetime(x) {
            try run(.other, operations: Double(x.count)) {
                ck_quantize_run(pool, level.code, &rounding)
            }
        }
        work.a = UnsafeRawPointer(bytes.pointer)
        work.a_stride = padded
        work.inputs = padded
        work.type = x.precision.code
        work.packed = UnsafeRawPointer(matrix.pointer)
        work.row_scales = UnsafePointer(rounding.scales)
        work.column_scales = UnsafePointer(matrix.scales)
        work.column_sums = UnsafePointer(matrix.sums)
        try withExtendedLifetime((bytes, scales, matrix)) {
            try launch(&work, bias, residual: residual, into: result, counted: counted)
        }
    }

    private func multiply(
        _ work: inout ck_gemm, _ x: Tensor, _ packed: PackedMatrix, _ bias: FloatVector?,
        residual: Tensor?, into result: Tensor, counted: (OperationKind, Double)
    ) throws {
        work.a = UnsafeRawPointer(x.pointer)
        work.a_stride = x.channels
        work.inputs = x.channels
        work.type = x.precision.code
        work.packed = UnsafeRawPointer(packed.pointer)
        try withExtendedLifetime((x, packed)) {
            try launch(&work, bias, residual: residual, into: result, counted: counted)
        }
    }

    private func launch(
        _ work: inout ck_gemm, _ bias: FloatVector?, residual: Tensor?, into result: Tensor,
        counted: (OperationKind, Double)
    ) throws {
        work.bias = bias?.pointer
        work.residual = residual.map { UnsafeRawPointer($0.pointer) }
        work.out = result.pointer
        work.out_type = result.precision.code
        try withExtendedLifetime((bias, residual, result)) {
            try run(counted.0, operations: counted.1) { ck_gemm_run(pool, level.code, &work) }
        }
    }
}
