import Generation
import Images
import Tensors

/// Makes the latents of one picture: all passes, and the refiner behind them.
struct PictureMaker {
    let run: GenerationRun
    let base: DiffusionStage
    let refiner: DiffusionStage?
    let picture: EncodedPicture?
    let seed: UInt64
    let index: Int

    private var request: GenerationRequest { run.request }
    private var steps: Int { request.steps ?? 1 }

    init(
        run: GenerationRun, base: DiffusionStage, refiner: DiffusionStage?,
        picture: EncodedPicture?, seed: UInt64, index: Int
    ) {
        self.run = run
        self.base = base
        self.refiner = refiner
        self.picture = picture
        self.seed = seed
        self.index = index
    }

    /// Clean latents, `[channels, height, width]` of the last pass.
    mutating func latents() throws -> [Float] {
        let first = run.passes[0]
        var noise = NoiseStream(request.noiseSource, seed: seed, shape: first.shape)
        var scheduler = try base.scheduler(seed: seed)
        var start = firstStart(&scheduler, &noise)
        var latents = try denoise(first, &start, &scheduler, &noise)
        if run.passes.count > 1 {
            latents = try secondPass(latents, first, run.passes[1])
        }
        if let refiner, let strength = request.refinerStrength {
            latents = try refined(latents, refiner, strength: strength)
        }
        return latents
    }

    // MARK: Where a pass starts

    /// The latents that a loop begins with, the call it begins at, and what a mask needs.
    private struct Start {
        var latents: [Float]
        var call = 0
        var extraInput: [Float] = []
        var mask: LatentMask?
    }

    /// Scaled noise, or the initial picture with the noise of the step at which its strength begins.
    /// The draws come in the reference's order: picture, noise, masked picture.
    private func firstStart(
        _ scheduler: inout any Scheduler, _ noise: inout NoiseStream
    ) -> Start {
        let strength = request.strength ?? 1
        let isMasked = picture?.mask != nil
        let startsFromNoise = !(picture?.isGiven ?? false) || (isMasked && strength == 1)
        let readsMask = picture?.masked != nil
        var original: [Float]?
        if let picture, picture.isGiven, !(readsMask && startsFromNoise) {
            original = picture.picture.sample(noise.next())
        }
        let drawn = run.initialNoise?.picture(index) ?? noise.initial(of: request)
        var start = Start(latents: [])
        if let picture, let mask = picture.mask {
            if let masked = picture.masked {
                start.extraInput = mask + masked.sample(noise.next())
            } else if let original {
                // The reference encodes the masked picture here too and does not use it.
                _ = noise.next()
                start.mask = LatentMask(mask: mask, original: original, noise: drawn)
            }
        }
        if let original, !startsFromNoise {
            start.call =
                DiffusionPass.skippedSteps(steps, strength: strength) * scheduler.order
            scheduler.begin(at: start.call)
            start.latents = scheduler.addNoise(drawn, to: original, at: start.call)
        } else {
            let sigma = scheduler.initialNoiseSigma
            start.latents = drawn.map { $0 * sigma }
        }
        return start
    }

    // MARK: Passes

    /// Runs a pass to clean latents; with a refiner as an expert the last pass ends with it.
    private func denoise(
        _ pass: DiffusionPass, _ start: inout Start, _ scheduler: inout any Scheduler,
        _ noise: inout NoiseStream
    ) throws -> [Float] {
        let isLast = pass.isSecond || run.passes.count == 1
        let end = scheduler.timesteps.count
        var loop = try base.loop(pass)
        (loop.extraInput, loop.mask) = (start.extraInput, start.mask)
        let reporter = reporter(for: pass, firstCall: pass.isSecond ? start.call : 0)
        reporter.start()
        guard isLast, let refiner, request.refinerStrength == nil else {
            return try self.run(
                loop, base, start.latents, &scheduler, start.call..<end, &noise, reporter)
        }
        let fraction = request.highNoiseFraction
        let handover = max(start.call, scheduler.calls(denoisingEnd: fraction).upperBound)
        var latents = try self.run(
            loop, base, start.latents, &scheduler, start.call..<handover, &noise, reporter)
        var expert = try refiner.scheduler(seed: seed)
        let rest = expert.calls(denoisingStart: fraction)
        var second = try refiner.loop(pass)
        (second.mask, second.earlierCalls) = (start.mask, handover - start.call)
        latents = try self.run(second, refiner, latents, &expert, rest, &noise, reporter)
        return latents
    }

    private func run(
        _ loop: DenoisingLoop, _ stage: DiffusionStage, _ latents: [Float],
        _ scheduler: inout any Scheduler, _ calls: Range<Int>, _ noise: inout NoiseStream,
        _ reporter: StepReporter
    ) throws -> [Float] {
        let previews =
            self.run.options.wantsPreviews && request.safety.showsPreviews
            ? PreviewMaker(stage.pipeline, shape: loop.shape) { self.run.report(.warning($0)) }
            : nil
        return try loop(latents, scheduler: &scheduler, calls: calls, noise: &noise) {
            guard let step = reporter.advance($0) else { return }
            if let image = previews?.picture($0) {
                self.run.report(.preview(PreviewImage(index: index, step: step, image: image)))
            }
        }
    }

    /// Enlarges the first pass's result and denoises it again from the pass's strength on, with
    /// noise of the seed in the new size.
    private func secondPass(
        _ latents: [Float], _ first: DiffusionPass, _ second: DiffusionPass
    ) throws -> [Float] {
        var noise = NoiseStream(request.noiseSource, seed: seed, shape: second.shape)
        var scheduler = try base.scheduler(seed: seed)
        let large = try enlarged(latents, first, second)
        let original =
            try large.map { try base.pipeline.encode($0).sample(noise.next()) }
            ?? LatentUpscaling.bilinear(latents, from: first.shape, to: second.shape)
        var start = Start(latents: original)
        start.call =
            DiffusionPass.skippedSteps(steps, strength: second.strength) * scheduler.order
        guard start.call < scheduler.timesteps.count else { return original }
        let drawn = noise.initial(of: request)
        try mask(&start, second, large, original: original, drawn: drawn, &noise)
        scheduler.begin(at: start.call)
        if run.preparedForSecond != nil, second.strength == 1 {
            // As in a first pass, a mask at full strength starts from noise alone.
            let sigma = scheduler.initialNoiseSigma
            start.latents = drawn.map { $0 * sigma }
        } else {
            start.latents = scheduler.addNoise(drawn, to: original, at: start.call)
        }
        return try denoise(second, &start, &scheduler, &noise)
    }

    /// The first pass's picture in the size of the second; nil where latents are enlarged instead.
    private func enlarged(
        _ latents: [Float], _ first: DiffusionPass, _ second: DiffusionPass
    ) throws -> PixelImage? {
        guard request.hires?.upscaler == .pixels else { return nil }
        let small = try base.pipeline.decode(
            latents, height: first.shape[1], width: first.shape[2])
        return small.resampled(width: second.width, height: second.height)
    }

    /// What a mask needs in the second pass, which repaints the same part of the enlarged result.
    private func mask(
        _ start: inout Start, _ second: DiffusionPass, _ large: PixelImage?, original: [Float],
        drawn: [Float], _ noise: inout NoiseStream
    ) throws {
        let prepared = run.preparedForSecond
        let scale = base.pipeline.checkpoint.vae.configuration.scale
        if base.pipeline.checkpoint.unet.configuration.isInpainting {
            let mask =
                prepared?.mask
                ?? [Float](repeating: 1, count: second.width * second.height)
            let picture =
                large ?? prepared?.picture
                ?? PixelImage(width: second.width, height: second.height, filledWith: (0, 0, 0))
            let masked = try EncodedPicture.masked(picture, mask, base.pipeline)
            start.extraInput =
                LatentMask.shrunk(mask, width: second.width, scale: scale)
                + masked.sample(noise.next())
        } else if let mask = prepared?.mask {
            // As in the first pass, the draw for a masked picture that nothing reads.
            if large != nil { _ = noise.next() }
            start.mask = LatentMask(
                mask: LatentMask.shrunk(mask, width: second.width, scale: scale),
                original: original, noise: drawn)
        }
    }

    /// The refiner as an image-to-image pass over finished latents.
    private func refined(
        _ latents: [Float], _ refiner: DiffusionStage, strength: Double
    ) throws -> [Float] {
        let pass = run.passes[run.passes.count - 1]
        var noise = NoiseStream(request.noiseSource, seed: seed, shape: pass.shape)
        var scheduler = try refiner.scheduler(seed: seed)
        let call = DiffusionPass.skippedSteps(steps, strength: strength) * scheduler.order
        let end = scheduler.timesteps.count
        guard call < end else { return latents }
        scheduler.begin(at: call)
        let noisy = scheduler.addNoise(noise.initial(of: request), to: latents, at: call)
        let reporter = reporter(for: nil, firstCall: call)
        return try run(
            try refiner.loop(pass), refiner, noisy, &scheduler, call..<end, &noise, reporter)
    }

    // MARK: Progress

    /// - Parameter pass: nil for the refiner's own pass.
    private func reporter(for pass: DiffusionPass?, firstCall: Int) -> StepReporter {
        let second = run.passes.count > 1 ? kept(run.passes[1].strength) : 0
        let third = request.refinerStrength.map { kept($0) } ?? 0
        let span: StepReporter.Span
        let all = steps + second + third
        if let pass, !pass.isSecond {
            span = .init(steps: steps, before: 0, count: all, firstCall: firstCall)
        } else if pass != nil {
            span = .init(steps: second, before: steps, count: all, firstCall: firstCall)
        } else {
            span = .init(steps: third, before: steps + second, count: all, firstCall: firstCall)
        }
        return StepReporter(
            span, image: index, imageCount: request.seeds.count, report: run.report)
    }

    private func kept(_ strength: Double) -> Int {
        steps - DiffusionPass.skippedSteps(steps, strength: strength)
    }
}
