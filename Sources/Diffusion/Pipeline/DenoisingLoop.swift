import Generation
import Tensors

/// The reverse diffusion of one picture: the loop that reads as the algorithm.
struct DenoisingLoop {
    /// What a finished call of the UNet leaves for progress and previews.
    struct Progress {
        /// Calls done and calls in all.
        let call: Int
        let calls: Int
        /// What the UNet saw and what it answered after guidance, `[channels, h, w]`.
        let input: [Float]
        let prediction: [Float]
        let timestep: Float
    }

    let unet: UNet2DConditionModel
    let compute: Compute
    let guidance: Guidance
    /// One branch without guidance; the negative and the positive one with it.
    let conditioning: PreparedConditioning
    /// Networks that steer the UNet.
    var controls: ControlStage?
    /// `[channels, height, width]` of the latents.
    let shape: [Int]

    /// Runs `scheduler` to its end from `latents`, which have the noise of its next call.
    ///
    /// - Returns: clean latents, `[channels, height, width]`.
    func callAsFunction(
        _ latents: [Float], scheduler: inout any Scheduler, noise: inout NoiseStream,
        progress: (Progress) throws -> Void
    ) throws -> [Float] {
        var latents = latents
        let firstCall = scheduler.callIndex
        while scheduler.callIndex < scheduler.timesteps.count {
            let timestep = scheduler.timesteps[scheduler.callIndex]
            let input = scheduler.scaleModelInput(latents)
            let prediction = try predict(
                input, timestep: timestep, call: scheduler.callIndex - firstCall,
                of: scheduler.timesteps.count - firstCall)
            latents = scheduler.step(modelOutput: prediction, sample: latents) { noise.next() }
            try progress(
                Progress(
                    call: scheduler.callIndex, calls: scheduler.timesteps.count, input: input,
                    prediction: prediction, timestep: timestep))
        }
        return latents
    }

    /// The guided prediction for scaled latents.
    private func predict(
        _ input: [Float], timestep: Float, call: Int, of calls: Int
    ) throws -> [Float] {
        let count = conditioning.count
        let x = try compute.tensor(
            fromPlanes: Array(repeating: input, count: count).flatMap { $0 }, [count] + shape)
        let control = try controls?.residuals(x, timestep: timestep, call: call, of: calls)
        let output = try unet(
            x, timestep: timestep, conditioning: conditioning, control: control)
        let planes = try compute.planes(output)
        guard count == 2 else { return planes }
        return guidance.combine(
            unconditional: Array(planes[..<input.count]), conditional: Array(planes[input.count...])
        )
    }
}
