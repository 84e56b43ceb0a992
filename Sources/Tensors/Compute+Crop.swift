extension Compute {
    /// The part of x `[N, H, W, C]` that starts at `top`, `left`.
    ///
    /// Enlarging twice and cropping equals torch's nearest interpolation to an odd size.
    public func crop(
        _ x: Tensor, top: Int = 0, left: Int = 0, height: Int, width: Int
    ) throws -> Tensor {
        let (batch, fullHeight, fullWidth, depth) = (
            x.shape[0], x.shape[1], x.shape[2], x.shape[3]
        )
        var part = x
        if width != fullWidth {
            let rows = try x.reshaped([batch * fullHeight, fullWidth * depth])
            part = try channels((left * depth)..<((left + width) * depth), of: rows)
        }
        if height != fullHeight {
            let row = width * depth
            let pictures = try part.reshaped([batch, fullHeight * row])
            part = try channels((top * row)..<((top + height) * row), of: pictures)
        }
        return try part.reshaped([batch, height, width, depth])
    }
}
