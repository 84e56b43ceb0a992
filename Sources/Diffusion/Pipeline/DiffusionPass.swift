import Generation

/// One denoising of a picture: its size, and what of the schedule it runs.
struct DiffusionPass {
    /// `[channels, height, width]` of the latents.
    let shape: [Int]
    /// Pixels that the UNet is told.
    let width: Int
    let height: Int
    /// Share of the schedule that runs when it starts from a picture.
    let strength: Double
    /// Whether a pass was before it.
    let isSecond: Bool

    /// The passes of each picture of a request.
    static func all(
        of request: GenerationRequest, _ vae: VAEConfiguration
    ) -> [DiffusionPass] {
        let (width, height) = (request.width ?? 0, request.height ?? 0)
        func pass(_ size: (width: Int, height: Int), _ strength: Double, isSecond: Bool)
            -> DiffusionPass
        {
            DiffusionPass(
                shape: [vae.latentChannels, size.height / vae.scale, size.width / vae.scale],
                width: size.width, height: size.height, strength: strength, isSecond: isSecond)
        }
        let first = pass((width, height), request.strength ?? 1, isSecond: false)
        guard let hires = request.hires else { return [first] }
        let size = hires.size(width: width, height: height, step: max(8, vae.scale))
        return [first, pass(size, hires.strength, isSecond: true)]
    }

    /// Steps that a pass over a picture leaves out of `steps`.
    static func skippedSteps(_ steps: Int, strength: Double) -> Int {
        max(0, steps - min(Int(Double(steps) * strength), steps))
    }
}
