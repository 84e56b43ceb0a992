extension Compute {
    /// What a convolution reads: x itself, or x with its opposite edges around it.
    func convolutionInput(
        _ x: Tensor, _ weights: ConvolutionWeights, upsampled: Bool
    ) throws -> (x: Tensor, zeros: ConvolutionPadding, upsampled: Bool) {
        guard wrap != ConvolutionWrap(), weights.kernelHeight * weights.kernelWidth > 1 else {
            return (x, weights.padding, upsampled)
        }
        let enlarged = upsampled ? try upsampleNearest2x(x) : x
        let (around, zeros) = try wrapped(enlarged, weights)
        return (around, zeros, false)
    }

    /// A convolution's input with the opposite edges around it, and the zeros that remain to be
    /// added.
    ///
    /// Only padding that is the same on both sides wraps: the VAE encoder's one-sided padding is
    /// zeros in the reference too.
    private func wrapped(
        _ x: Tensor, _ weights: ConvolutionWeights
    ) throws -> (x: Tensor, zeros: ConvolutionPadding) {
        var padding = weights.padding
        var result = x
        if wrap.horizontal, padding.left > 0, padding.left == padding.right {
            result = try wrappedColumns(result, padding.left)
            (padding.left, padding.right) = (0, 0)
        }
        if wrap.vertical, padding.top > 0, padding.top == padding.bottom {
            result = try wrappedRows(result, padding.top)
            (padding.top, padding.bottom) = (0, 0)
        }
        return (result, padding)
    }

    /// [N, H, W, C] with `margin` pixels of the opposite edges around it, along the axes of `wrap`.
    public func surrounded(
        _ x: Tensor, by margin: Int, along wrap: ConvolutionWrap
    ) throws -> Tensor {
        let wide = wrap.horizontal ? try wrappedColumns(x, margin) : x
        return wrap.vertical ? try wrappedRows(wide, margin) : wide
    }

    /// [N, H, W, C] to [N, H, W + 2 count, C].
    private func wrappedColumns(_ x: Tensor, _ count: Int) throws -> Tensor {
        let (batch, height, width, depth) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let lines = try surrounded(
            try x.reshaped([batch * height, width * depth]), by: count * depth)
        return try lines.reshaped([batch, height, width + 2 * count, depth])
    }

    /// [N, H, W, C] to [N, H + 2 count, W, C].
    private func wrappedRows(_ x: Tensor, _ count: Int) throws -> Tensor {
        let (batch, height, width, depth) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let row = width * depth
        let lines = try surrounded(try x.reshaped([batch, height * row]), by: count * row)
        return try lines.reshaped([batch, height + 2 * count, width, depth])
    }

    /// Lines [count, length] with the last `margin` elements of each before it and the first ones
    /// behind it.
    private func surrounded(_ x: Tensor, by margin: Int) throws -> Tensor {
        let (lines, length) = (x.shape[0], x.shape[1])
        guard margin <= length else {
            throw TensorError.shapeMismatch(
                operation: "wrapping", detail: "\(x.shape) is smaller than the kernel")
        }
        let size = x.precision.byteCount
        let result = try tensor([lines, length + 2 * margin], x.precision)
        let (from, to) = (length * size, (length + 2 * margin) * size)
        let parts = [
            (source: (length - margin) * size, destination: 0, bytes: margin * size),
            (source: 0, destination: margin * size, bytes: length * size),
            (source: 0, destination: (margin + length) * size, bytes: margin * size),
        ]
        try withExtendedLifetime((x, result)) {
            for part in parts {
                try copyRows(
                    from: UnsafeRawPointer(x.pointer) + part.source, stride: from,
                    to: result.pointer + part.destination, stride: to, rows: lines,
                    bytes: part.bytes)
            }
        }
        return result
    }
}
