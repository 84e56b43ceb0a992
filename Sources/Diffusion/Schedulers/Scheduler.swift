/// A solver of the reverse diffusion at work on one picture.
///
/// A conforming type is a value: a copy is an independent run, so that every picture of a batch has
/// its own history and equals the same seed run alone. ``SchedulerRegistry`` makes one from a
/// ``SchedulerRequest``; the denoising loop then reads
///
///     var latents = noise.map { $0 * scheduler.initialNoiseSigma }
///     for call in 0..<scheduler.timesteps.count {
///         let input = scheduler.scaleModelInput(latents)
///         let output = unet(input, scheduler.timesteps[call])
///         latents = scheduler.step(modelOutput: output, sample: latents) { noise.normal(count: n) }
///     }
///
/// All arrays are one picture's latents, `[4, h/8, w/8]`, flat. The arithmetic is float32 where the
/// reference (diffusers 0.42) computes in float32, in the same order of operations.
public protocol Scheduler: Sendable {
    /// What the UNet is told at each call, one entry per call; some solvers use fractions.
    var timesteps: [Float] { get }
    /// The noise levels the solver walks through, or empty for those that work on alphas alone.
    var sigmas: [Float] { get }
    /// The factor on unit noise that gives the first latents.
    var initialNoiseSigma: Float { get }
    /// UNet calls per step, 1 or 2: image-to-image skips `skippedSteps * order` calls.
    var order: Int { get }
    /// The index in ``timesteps`` of the next call.
    var callIndex: Int { get }

    /// Starts at a later call, with no history: for image-to-image and the refiner.
    mutating func begin(at index: Int)
    /// Scales the latents to what the UNet expects at the next call.
    func scaleModelInput(_ sample: [Float]) -> [Float]
    /// Takes the UNet's output at ``callIndex`` (after guidance) one call further.
    ///
    /// - Parameters:
    ///   - modelOutput: the guided prediction.
    ///   - sample: the latents that were scaled for it.
    ///   - noise: draws one tensor of unit noise; called only when the solver needs it.
    /// - Returns: the latents for the next call.
    mutating func step(modelOutput: [Float], sample: [Float], noise: () -> [Float]) -> [Float]
    /// Clean latents with the noise of the call at `index`.
    func addNoise(_ noise: [Float], to original: [Float], at index: Int) -> [Float]
}
