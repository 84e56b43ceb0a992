import Tensors

/// Keeps what a mask leaves out through the denoising of a network that knows no masks: after each
/// call those latents are the original's again, with the noise of the next call.
struct LatentMask {
    /// 1 where the picture is repainted, `[height, width]` of the latents.
    let mask: [Float]
    /// The original, `[channels, height, width]`.
    let original: [Float]
    /// The noise that it started with, same shape.
    let noise: [Float]

    /// The mask of the pixels as the latents' size, by nearest neighbour as torch does.
    ///
    /// - Parameter scale: pixels per latent along one side.
    static func shrunk(_ pixels: [Float], width: Int, scale: Int) -> [Float] {
        let height = pixels.count / max(width, 1)
        return stride(from: 0, to: height, by: scale).flatMap { y in
            stride(from: 0, to: width, by: scale).map { pixels[y * width + $0] }
        }
    }

    /// `latents` where the mask is 1, the original elsewhere, clean when `isLast`.
    func applied(to latents: [Float], scheduler: any Scheduler, isLast: Bool) -> [Float] {
        let kept =
            isLast ? original : scheduler.addNoise(noise, to: original, at: scheduler.callIndex)
        var result = latents
        let area = mask.count
        for index in result.indices {
            let share = mask[index % area]
            result[index] = (1 - share) * kept[index] + share * latents[index]
        }
        return result
    }
}
