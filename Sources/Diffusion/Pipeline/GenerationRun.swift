import Foundation
import Generation
import Images
import Tensors

/// One request on its way through a pipeline: encode, denoise and decode picture after picture.
struct GenerationRun {
    let request: GenerationRequest
    let options: ExecutionOptions
    let report: (GenerationEvent) -> Void
    let initialNoise: InitialNoise?
    /// The passes of each picture: one, or two with a high-resolution pass.
    let passes: [DiffusionPass]
    /// The initial picture and its mask, ready for the VAE.
    let prepared: PreparedPicture?
    /// The same in the size of a high-resolution pass, where a mask goes with one.
    let preparedForSecond: PreparedPicture?
    let companions: Companions
    /// Whether the UNet's weights pass through memory layer by layer.
    private(set) var streams = false

    /// Checks everything that can be known before any weight is read.
    ///
    /// - Parameter request: with defaults filled in and seeds drawn.
    /// - Throws: ``EngineError`` when the given noise does not fit;
    ///   `InvalidRequest` when the mask has nothing white.
    init(
        _ request: GenerationRequest, _ options: ExecutionOptions, _ checkpoint: Checkpoint,
        _ companions: Companions = Companions(), report: @escaping (GenerationEvent) -> Void
    ) throws {
        self.request = request
        self.options = options
        self.report = report
        self.companions = companions
        passes = DiffusionPass.all(of: request, checkpoint.vae.configuration)
        let scheduler = SchedulerRequest(
            sampler: request.sampler, schedule: request.schedule, steps: request.steps ?? 1,
            seed: 0)
        _ = try SchedulerRegistry.scheduler(for: scheduler, configuration: checkpoint.scheduler)
        prepared = try PicturePreparation.run(
            request, width: request.width ?? 0, height: request.height ?? 0)
        let isRepainted = prepared?.mask != nil && passes.count > 1
        preparedForSecond =
            isRepainted
            ? try PicturePreparation.run(
                request, width: passes[1].width, height: passes[1].height)
            : nil
        let shape = passes[0].shape
        initialNoise = try options.initialNoisePath.map {
            try InitialNoise(path: $0, count: request.seeds.count, shape: shape)
        }
        if let path = options.latentsOutputPath { try AtomicFile.checkWritable(path) }
    }

    /// How the numeric layer runs this request.
    var computeOptions: ComputeOptions {
        var result = ComputeOptions()
        result.threads = max(1, options.threads ?? ProcessInfo.processInfo.activeProcessorCount)
        result.precision = request.precision == .f32 ? .float32 : .bfloat16
        result.quantizes = request.precision == .int8
        return result
    }

    /// `[channels, height, width]` of the latents that are decoded.
    private var finalShape: [Int] { passes[passes.count - 1].shape }

    /// Runs the request; the pictures leave through the report.
    ///
    /// - Parameter refiner: the refiner's pipeline, when the request names one.
    func callAsFunction(
        on pipeline: SDXLPipeline, refiner: SDXLPipeline? = nil
    ) throws -> GenerationSummary {
        pipeline.compute.wrap = ConvolutionWrap(request.tiling)
        refiner?.compute.wrap = ConvolutionWrap(request.tiling)
        defer {
            pipeline.compute.wrap = ConvolutionWrap()
            refiner?.compute.wrap = ConvolutionWrap()
        }
        var summary = GenerationSummary()
        let clock = Stopwatch()
        report(.stage(.encodingText))
        var stage = try DiffusionStage(self, pipeline)
        let refining = try refiner.map { try DiffusionStage(self, $0) }
        summary.timing.encode = clock.lap()
        let picture = try encodePicture(pipeline)
        if !pipeline.isLoaded { report(.stage(.loading(fraction: 0))) }
        _ = try pipeline.loadedUNet()
        _ = try refiner?.loadedUNet()
        for prompt in request.imagePrompts where !prompt.acts(in: request.effectivePrompt) {
            report(
                .warning(
                    "the picture \(prompt.image) is not read: the prompt has no "
                        + "\"\(prompt.word ?? "")\""))
        }
        try stage.steer()
        let checker = try pipeline.safetyChecker(companions.safetyChecker)
        summary.timing.load = clock.lap()
        var finished: [[Float]] = []
        for (index, seed) in request.seeds.enumerated() {
            var maker = PictureMaker(
                run: self, base: stage, refiner: refining, picture: picture, seed: seed,
                index: index)
            let latents = try maker.latents()
            summary.timing.denoise += clock.lap()
            guard latents.allSatisfy(\.isFinite) else { throw EngineError.notFinite(seed: seed) }
            finished.append(latents)
            report(.stage(.decoding(image: index, imageCount: request.seeds.count)))
            let image = try pipeline.decode(
                latents, height: finalShape[1], width: finalShape[2])
            let overlay = (preparedForSecond ?? prepared)?.overlay
            let whole = overlay?.applied(to: image) ?? image
            report(.image(try checked(whole, index: index, seed: seed, by: checker)))
            summary.timing.decode += clock.lap()
        }
        try writeLatents(finished)
        let steps = Double((request.steps ?? 1) * request.seeds.count)
        summary.timing.secondsPerStep = summary.timing.denoise / max(1, steps)
        summary.peakMemoryBytes = SystemMemory.peakBytes()
        return summary
    }

    /// The picture with the checker's verdict; what is flagged may be hidden.
    private func checked(
        _ picture: PixelImage, index: Int, seed: UInt64, by checker: SafetyChecker?
    ) throws -> GeneratedImage {
        guard let checker else { return GeneratedImage(index: index, seed: seed, image: picture) }
        let verdict = try checker(picture)
        if verdict.isFlagged {
            report(.warning(request.safety.notice(seed: seed, score: verdict.score)))
        }
        return GeneratedImage(
            index: index, seed: seed,
            image: verdict.isFlagged ? request.safety.shown(picture) : picture,
            isFlagged: verdict.isFlagged, safetyScore: Double(verdict.score.description))
    }

    private func writeLatents(_ finished: [[Float]]) throws {
        guard let path = options.latentsOutputPath else { return }
        let tensor = SafetensorsWriter.Tensor(
            name: "latents", shape: [finished.count] + finalShape,
            values: finished.flatMap { $0 })
        try SafetensorsWriter.write([tensor], to: path)
    }

    private func encodePicture(_ pipeline: SDXLPipeline) throws -> EncodedPicture? {
        let readsMask = pipeline.checkpoint.unet.configuration.isInpainting
        guard let prepared else {
            guard readsMask else { return nil }
            report(.stage(.encodingImage))
            return try .blank(passes[0].shape, pipeline)
        }
        report(.stage(.encodingImage))
        for warning in prepared.warnings { report(.warning(warning)) }
        return try EncodedPicture(prepared, pipeline, readsMask: readsMask)
    }

    /// Networks that are told the guidance scale need no second branch.
    func needsNegative(_ checkpoint: Checkpoint) -> Bool {
        (request.guidanceScale ?? 1) > 1
            && checkpoint.unet.configuration.guidanceEmbeddingWidth == nil
    }

    /// Chooses whether weights are streamed: when that is wanted, or when they do not fit otherwise.
    ///
    /// - Returns: that memory does not suffice; nil when it does.
    mutating func chooseResidence(_ checkpoint: Checkpoint) -> EngineError? {
        let available = SystemMemory.available()
        if options.memory != .streamed, peakBytes(checkpoint, streams: false) <= available {
            streams = false
            return nil
        }
        streams = true
        let least = peakBytes(checkpoint, streams: options.memory != .resident)
        return least <= available
            ? nil : .tooLittleMemory(needed: least, available: available)
    }

    /// Bytes of memory at the run's peak.
    func peakBytes(_ checkpoint: Checkpoint, streams: Bool) -> Int {
        MemoryEstimate(checkpoint, computeOptions, streams: streams).peakBytes(
            height: finalShape[1], width: finalShape[2],
            branches: needsNegative(checkpoint) ? 2 : 1)
            + companions.weightBytes(elementBytes: computeOptions.precision.byteCount)
    }
}

extension ConvolutionWrap {
    /// The axes along which a request wants no seam.
    init(_ tiling: TilingMode) {
        self.init(
            horizontal: tiling == .x || tiling == .both,
            vertical: tiling == .y || tiling == .both)
    }
}

extension UNetConfiguration {
    /// Whether the network reads a mask and the masked picture beside the latents.
    var isInpainting: Bool { inChannels == 2 * outChannels + 1 }

    /// Whether the network is told an aesthetic score in place of the target size, as a refiner is.
    ///
    /// - Parameter pooled: numbers of the pooled prompt.
    func readsAestheticScore(pooled: Int) -> Bool {
        guard let inputs = additionInputWidth, let width = additionTimeWidth else { return false }
        return inputs == pooled + 5 * width
    }
}
