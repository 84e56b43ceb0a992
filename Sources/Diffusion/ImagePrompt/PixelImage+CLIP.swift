import Generation
import Images

extension PixelImage {
    /// The picture as CLIP reads it: the shorter side scaled to `side` pixels, the middle cut out,
    /// colours normalised, `[side, side, 3]`.
    func clipColors(side: Int) -> [Float] {
        let short = min(width, height)
        let scaled = resampled(
            width: width == short ? side : side * width / short,
            height: height == short ? side : side * height / short, filter: .bicubic)
        let (left, top) = ((scaled.width - side) / 2, (scaled.height - side) / 2)
        let mean: [Float] = [0.48145466, 0.4578275, 0.40821073]
        let deviation: [Float] = [0.26862954, 0.26130258, 0.27577711]
        var values: [Float] = []
        values.reserveCapacity(side * side * 3)
        for y in 0..<side {
            for x in 0..<side {
                let pixel = ((top + y) * scaled.width + left + x) * 3
                for channel in 0..<3 {
                    let color = Float(scaled.rgb[pixel + channel]) / 255
                    values.append((color - mean[channel]) / deviation[channel])
                }
            }
        }
        return values
    }
}
