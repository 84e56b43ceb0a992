import Foundation
import Generation
import Images
import Tensors

/// One request on its way through a pipeline: encode, denoise and decode picture after picture.
struct GenerationRun {
    private let request: GenerationRequest
    private let options: ExecutionOptions
    private let report: (GenerationEvent) -> Void
    private let initialNoise: InitialNoise?
    private let companions: Companions
    /// `[channels, height, width]` of the latents.
    private let shape: [Int]

    /// Checks everything that can be known before any weight is read.
    ///
    /// - Parameter request: with defaults filled in and seeds drawn.
    /// - Throws: ``EngineError`` when memory does not suffice or the given noise does not fit.
    init(
        _ request: GenerationRequest, _ options: ExecutionOptions, _ checkpoint: Checkpoint,
        _ companions: Companions = Companions(), report: @escaping (GenerationEvent) -> Void
    ) throws {
        self.request = request
        self.options = options
        self.report = report
        self.companions = companions
        let vae = checkpoint.vae.configuration
        let shape = [
            vae.latentChannels, (request.height ?? 0) / vae.scale, (request.width ?? 0) / vae.scale,
        ]
        self.shape = shape
        let scheduler = SchedulerRequest(
            sampler: request.sampler, schedule: request.schedule, steps: request.steps ?? 1,
            seed: 0)
        _ = try SchedulerRegistry.scheduler(for: scheduler, configuration: checkpoint.scheduler)
        initialNoise = try options.initialNoisePath.map {
            try InitialNoise(path: $0, count: request.seeds.count, shape: shape)
        }
        if let path = options.latentsOutputPath { try AtomicFile.checkWritable(path) }
        try checkMemory(checkpoint)
    }

    /// How the numeric layer runs this request.
    var computeOptions: ComputeOptions {
        var result = ComputeOptions()
        result.threads = max(1, options.threads ?? ProcessInfo.processInfo.activeProcessorCount)
        result.precision = request.precision == .f32 ? .float32 : .bfloat16
        return result
    }

    /// Runs the request; the pictures leave through the report.
    func callAsFunction(on pipeline: SDXLPipeline) throws -> GenerationSummary {
        var summary = GenerationSummary()
        let clock = Stopwatch()
        report(.stage(.encodingText))
        let prompts = try encode(pipeline)
        summary.timing.encode = clock.lap()
        let picture = try encodePicture(pipeline)
        if !pipeline.isLoaded { report(.stage(.loading(fraction: 0))) }
        let unet = try pipeline.loadedUNet()
        let controls = try controlStage(pipeline, prompts)
        summary.timing.load = clock.lap()
        var finished: [[Float]] = []
        for (index, seed) in request.seeds.enumerated() {
            let latents = try denoise(
                pipeline, unet, prompts, controls, picture: picture, seed: seed, index: index)
            summary.timing.denoise += clock.lap()
            guard latents.allSatisfy(\.isFinite) else { throw EngineError.notFinite(seed: seed) }
            finished.append(latents)
            report(.stage(.decoding(image: index, imageCount: request.seeds.count)))
            let image = try pipeline.decode(latents, height: shape[1], width: shape[2])
            report(.image(GeneratedImage(index: index, seed: seed, image: image)))
            summary.timing.decode += clock.lap()
        }
        if let path = options.latentsOutputPath {
            let tensor = SafetensorsWriter.Tensor(
                name: "latents", shape: [finished.count] + shape, values: finished.flatMap { $0 })
            try SafetensorsWriter.write([tensor], to: path)
        }
        let steps = Double((request.steps ?? 1) * request.seeds.count)
        summary.timing.secondsPerStep = summary.timing.denoise / max(1, steps)
        summary.peakMemoryBytes = SystemMemory.peakBytes()
        return summary
    }

    /// The prompts of each branch: the prompt alone, or the negative one before it.
    private func encode(_ pipeline: SDXLPipeline) throws -> [EncodedPrompt] {
        guard needsNegative(pipeline.checkpoint) else {
            return try pipeline.text.encode([request.positiveText])
        }
        return try pipeline.text.encode([request.negativeText, request.positiveText])
    }

    private func denoise(
        _ pipeline: SDXLPipeline, _ unet: UNet2DConditionModel, _ prompts: [EncodedPrompt],
        _ controls: ControlStage?, picture: LatentDistribution?, seed: UInt64, index: Int
    ) throws -> [Float] {
        var noise = NoiseStream(request.noiseSource, seed: seed, shape: shape)
        var scheduler = try SchedulerRegistry.scheduler(
            for: SchedulerRequest(
                sampler: request.sampler, schedule: request.schedule, steps: request.steps ?? 1,
                seed: seed),
            configuration: pipeline.checkpoint.scheduler)
        let loop = DenoisingLoop(
            unet: unet, compute: pipeline.compute,
            guidance: Guidance(
                scale: request.guidanceScale ?? 1, rescale: request.guidanceRescale),
            conditioning: try unet.prepare(
                try branches(prompts) { try $0.projections(for: unet) }), controls: controls,
            shape: shape)
        let reporter = StepReporter(
            steps: request.steps ?? 1, image: index, imageCount: request.seeds.count,
            report: report)
        reporter.start()
        let previews =
            options.wantsPreviews
            ? PreviewMaker(pipeline, shape: shape) { report(.warning($0)) } : nil
        let latents = start(index, picture, scheduler: &scheduler, noise: &noise)
        return try loop(latents, scheduler: &scheduler, noise: &noise) {
            guard let step = reporter.advance($0) else { return }
            if let image = previews?.picture($0) {
                report(.preview(PreviewImage(index: index, step: step, image: image)))
            }
        }
    }

    /// The latents that the loop begins with: scaled noise, or the initial picture with the noise
    /// of the step at which its strength begins.
    private func start(
        _ index: Int, _ picture: LatentDistribution?, scheduler: inout any Scheduler,
        noise: inout NoiseStream
    ) -> [Float] {
        // The reference samples the picture's latents before it draws the noise.
        let original = picture.map { $0.sample(noise.next()) }
        let first = initialNoise?.picture(index) ?? noise.initial(of: request)
        guard let original else {
            let sigma = scheduler.initialNoiseSigma
            return first.map { $0 * sigma }
        }
        let call = request.skippedSteps * scheduler.order
        scheduler.begin(at: call)
        return scheduler.addNoise(first, to: original, at: call)
    }

    private func encodePicture(_ pipeline: SDXLPipeline) throws -> LatentDistribution? {
        guard let path = request.initImage else { return nil }
        report(.stage(.encodingImage))
        let picture = try ImageFile.read(path)
        let scale = pipeline.checkpoint.vae.configuration.scale
        let (width, height) = (shape[2] * scale, shape[1] * scale)
        let fits = picture.width == width && picture.height == height
        if !fits {
            report(
                .warning(
                    "the initial picture has \(picture.width)x\(picture.height) pixels and is "
                        + "resized to \(width)x\(height)"))
        }
        return try pipeline.encode(fits ? picture : picture.resized(width: width, height: height))
    }

    private func branches(
        _ prompts: [EncodedPrompt], projections: (EncodedPrompt) throws -> [PromptProjection]
    ) throws -> [UNet2DConditionModel.Branch] {
        let micro = MicroConditioning(width: request.width ?? 0, height: request.height ?? 0)
        return try prompts.map {
            UNet2DConditionModel.Branch(
                projections: try projections($0), pooled: $0.pooled, micro: micro,
                guidanceScale: request.guidanceScale ?? 1)
        }
    }

    /// The control networks with their pictures and prompts; nil without any.
    private func controlStage(
        _ pipeline: SDXLPipeline, _ prompts: [EncodedPrompt]
    ) throws -> ControlStage? {
        guard !request.controls.isEmpty else {
            pipeline.forgetControlNets()
            return nil
        }
        let compute = pipeline.compute
        let (height, width) = (request.height ?? 0, request.width ?? 0)
        let mask = try request.maskImage.map { try ImageFile.read($0) }
        let networks = try pipeline.controlNets(companions.controlNets)
        let active = try zip(request.controls, networks).map { reference, network in
            let picture = try ControlPicture(
                reference, mask: mask, width: width, height: height,
                isBGR: network.configuration.isBGR
            ) { report(.warning($0)) }
            let features = try network.features(
                of: try compute.tensor(from: picture.values, [1, height, width, 3]))
            let branches = try branches(prompts) { try network.project($0.context) }
            return ControlStage.Active(
                network: network,
                features: try compute.concatenateEntries(
                    Array(repeating: features, count: prompts.count)),
                conditioning: try network.prepare(branches), scale: Float(reference.scale),
                start: reference.start, end: reference.end)
        }
        return ControlStage(active: active, compute: compute)
    }

    /// Networks that are told the guidance scale need no second branch.
    private func needsNegative(_ checkpoint: Checkpoint) -> Bool {
        (request.guidanceScale ?? 1) > 1
            && checkpoint.unet.configuration.guidanceEmbeddingWidth == nil
    }

    private func checkMemory(_ checkpoint: Checkpoint) throws(EngineError) {
        let estimate = MemoryEstimate(checkpoint, precision: computeOptions.precision)
        let needed =
            estimate.peakBytes(
                height: shape[1], width: shape[2], branches: needsNegative(checkpoint) ? 2 : 1)
            + companions.weightBytes(elementBytes: computeOptions.precision.byteCount)
        let available = SystemMemory.available()
        guard needed <= available else {
            throw .tooLittleMemory(needed: needed, available: available)
        }
    }
}
