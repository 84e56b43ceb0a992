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
    /// What the UNet is told: one branch without guidance; the negative and the positive one with it.
    let conditioning: ConditioningTimeline
    /// Networks that steer the UNet.
    var controls: ControlStage?
    /// `[channels, height, width]` of the latents.
    let shape: [Int]
    /// Planes that an inpainting network reads behind the latents: mask and masked picture.
    var extraInput: [Float] = []
    /// Keeps the original outside of a mask.
    var mask: LatentMask?
    /// Calls of the same pass that another network made before: prompts change with the sum.
    var earlierCalls = 0
    /// The part of the schedule in which guidance acts; outside only the prompt's branch runs.
    var guidedPart = 0.0..<1.0
    /// The UNet's inner levels run at every so many calls.
    var featureReuse = 1

    /// Runs `scheduler` through `calls` from `latents`, which have the noise of the first of them.
    ///
    /// - Returns: latents with the noise of the call behind the last, `[channels, height, width]`:
    ///   none when that was the scheduler's last.
    func callAsFunction(
        _ latents: [Float], scheduler: inout any Scheduler, calls: Range<Int>,
        noise: inout NoiseStream, progress: (Progress) throws -> Void
    ) throws -> [Float] {
        var latents = latents
        let features = featureReuse > 1 ? FeatureCache() : nil
        let steps = scheduler.timesteps.count
        scheduler.begin(at: calls.lowerBound)
        while scheduler.callIndex < calls.upperBound {
            let timestep = scheduler.timesteps[scheduler.callIndex]
            let promptCall = earlierCalls + scheduler.callIndex - calls.lowerBound
            let told = try conditioning.at(call: promptCall)
            let input = scheduler.scaleModelInput(latents)
            if (scheduler.callIndex - calls.lowerBound) % featureReuse == 0 { features?.clear() }
            let prediction = try predict(
                input, timestep: timestep, told, call: scheduler.callIndex - calls.lowerBound,
                of: steps - calls.lowerBound, promptCall: promptCall,
                isGuided: guidedPart.contains(Double(scheduler.callIndex) / Double(steps)),
                features)
            latents = scheduler.step(modelOutput: prediction, sample: latents) { noise.next() }
            if let mask {
                let isLast = scheduler.callIndex == scheduler.timesteps.count
                latents = mask.applied(to: latents, scheduler: scheduler, isLast: isLast)
            }
            try progress(
                Progress(
                    call: scheduler.callIndex, calls: scheduler.timesteps.count, input: input,
                    prediction: prediction, timestep: timestep))
        }
        return latents
    }

    /// The guided prediction for scaled latents.
    private func predict(
        _ input: [Float], timestep: Float, _ told: PreparedConditioning, call: Int,
        of calls: Int, promptCall: Int, isGuided: Bool, _ features: FeatureCache?
    ) throws -> [Float] {
        // Control networks are prepared for all branches.
        let isAlone = !isGuided && told.count == 2 && controls == nil
        let conditioning = isAlone ? try told.last() : told
        let count = conditioning.count
        let x = try repeated(input + extraInput, count: count)
        // Control networks see the latents alone, also beside a network that reads a mask too.
        let control = try controls?.residuals(
            extraInput.isEmpty ? x : try repeated(input, count: count), timestep: timestep,
            call: call, of: calls, promptCall: promptCall)
        let output = try unet(
            x, timestep: timestep, conditioning: conditioning, control: control,
            features: features)
        let predicted = try compute.planes(output)
        guard count == 2 else { return predicted }
        guard isGuided else { return Array(predicted[input.count...]) }
        return guidance.combine(
            unconditional: Array(predicted[..<input.count]),
            conditional: Array(predicted[input.count...]))
    }

    /// Planes `[channels, h, w]` for every branch, `[count, h, w, channels]`.
    private func repeated(_ planes: [Float], count: Int) throws -> Tensor {
        let channels = planes.count / max(1, shape[1] * shape[2])
        return try compute.tensor(
            fromPlanes: Array(repeating: planes, count: count).flatMap { $0 },
            [count, channels] + shape.dropFirst())
    }
}
