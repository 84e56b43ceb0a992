/// What a picture may claim before memory is taken for it.
enum DecodingLimits {
    /// Longest side and, squared, the most pixels: the largest size that a request may have.
    static let maximumSide = 16_384
    /// deflate cannot shrink data by more than this factor.
    static let maximumDeflateRatio = 1032

    /// Refuses absurd sizes.
    ///
    /// - Throws: ``ImageError/tooLarge(width:height:reason:)``.
    static func check(width: Int, height: Int) throws {
        guard width <= maximumSide, height <= maximumSide else {
            throw ImageError.tooLarge(
                width: width, height: height,
                reason: "at most \(maximumSide) pixels on a side are read")
        }
    }
}
