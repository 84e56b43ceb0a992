import Generation
import Images
import Tensors

/// A model's side of a run: its encoded prompts for every pass, and how its UNet is called.
struct DiffusionStage {
    let pipeline: SDXLPipeline
    private let run: GenerationRun
    /// One per pass.
    private let prompts: [PromptTimeline]
    /// One per pass that control networks steer.
    private var controls: [ControlStage] = []
    private var pictures: ImagePromptStage?

    /// Encodes the texts of all passes at once, so that the encoders can make room afterwards.
    init(_ run: GenerationRun, _ pipeline: SDXLPipeline) throws {
        self.run = run
        self.pipeline = pipeline
        let request = run.request
        let family = pipeline.checkpoint.family
        var sides: [PromptText?] = [request.positiveText(family)]
        if run.needsNegative(pipeline.checkpoint) {
            sides.insert(request.negativeText(family), at: 0)
        }
        let calls = try Self.scheduler(pipeline, request, seed: 0).order * (request.steps ?? 1)
        let texts = run.passes.map {
            PromptTexts(sides, steps: calls, earlierSteps: $0.isSecond ? calls : nil)
        }
        let all = texts.flatMap { $0.moments.flatMap { $0 } }
        var encoded = try pipeline.text.encode(all)[...]
        prompts = texts.map { texts in
            let moments = texts.moments.map { moment in
                let prompts = Array(encoded.prefix(moment.count))
                encoded.removeFirst(moment.count)
                return prompts
            }
            return PromptTimeline(moments: moments, order: texts.order)
        }
    }

    /// A solver for one picture.
    func scheduler(seed: UInt64) throws -> any Scheduler {
        try Self.scheduler(pipeline, run.request, seed: seed)
    }

    /// The loop of a pass.
    func loop(_ pass: DiffusionPass) throws -> DenoisingLoop {
        let unet = try pipeline.loadedUNet()
        let request = run.request
        let number = pass.isSecond ? 1 : 0
        let timeline = ConditioningTimeline(unet, prompts[number]) { prompt, isNegative in
            let texts = try prompt.projections(for: unet)
            let all = pictures?.adding(
                to: texts, isNegative: isNegative, width: pass.width, height: pass.height)
            return branch(prompt, isNegative, pass, projections: all ?? texts)
        }
        return DenoisingLoop(
            unet: unet, compute: pipeline.compute,
            guidance: Guidance(
                scale: request.guidanceScale ?? 1, rescale: request.guidanceRescale),
            conditioning: timeline,
            controls: controls.indices.contains(number) ? controls[number] : nil,
            shape: pass.shape, guidedPart: request.guidedPart, featureReuse: request.featureReuse)
    }

    /// One side of the guidance with its sizes.
    private func branch(
        _ prompt: EncodedPrompt, _ isNegative: Bool, _ pass: DiffusionPass,
        projections: [PromptProjection]
    ) -> UNet2DConditionModel.Branch {
        var micro = MicroConditioning(width: pass.width, height: pass.height)
        let unet = pipeline.checkpoint.unet.configuration
        if unet.readsAestheticScore(pooled: prompt.pooled.count) {
            micro.aestheticScore =
                isNegative
                ? MicroConditioning.negativeAestheticScore : MicroConditioning.aestheticScore
        }
        return UNet2DConditionModel.Branch(
            projections: projections, pooled: prompt.pooled, micro: micro,
            guidanceScale: run.request.guidanceScale ?? 1)
    }

    /// Loads the networks beside the UNet and prepares their pictures.
    mutating func steer() throws {
        try prompt()
        try control()
    }

    private mutating func prompt() throws {
        let references = run.request.imagePrompts
        guard !references.isEmpty else { return pipeline.forgetImagePrompts() }
        pictures = try ImagePromptStage(
            references, run.companions.imagePrompts, unet: pipeline.checkpoint.unet.configuration,
            compute: pipeline.compute
        ) { try pipeline.imagePrompt($0) }
    }

    private mutating func control() throws {
        guard !run.request.controls.isEmpty else { return pipeline.forgetControlNets() }
        let networks = try pipeline.controlNets(run.companions.controlNets)
        let mask = try run.request.maskImage.map { try ImageFile.read($0) }
        controls = try run.passes.enumerated().map { number, pass in
            let active = try zip(run.request.controls, networks).map { reference, network in
                try control(reference, network, pass, prompts[number].moments[0], mask: mask)
            }
            return ControlStage(active: active, compute: pipeline.compute)
        }
    }

    /// One control network with its picture; where prompts change it reads the first ones.
    private func control(
        _ reference: ControlReference, _ network: ControlNetModel, _ pass: DiffusionPass,
        _ sides: [EncodedPrompt], mask: PixelImage?
    ) throws -> ControlStage.Active {
        let compute = pipeline.compute
        let picture = try ControlPicture(
            reference, mask: mask, width: pass.width, height: pass.height,
            isBGR: network.configuration.isBGR
        ) { run.report(.warning($0)) }
        let features = try network.features(
            of: try compute.tensor(from: picture.values, [1, pass.height, pass.width, 3]))
        let branches = try sides.enumerated().map { side, prompt in
            branch(
                prompt, sides.count == 2 && side == 0, pass,
                projections: try network.project(prompt.context))
        }
        return ControlStage.Active(
            network: network,
            features: try compute.concatenateEntries(
                Array(repeating: features, count: sides.count)),
            conditioning: try network.prepare(branches), scale: Float(reference.scale),
            start: reference.start, end: reference.end)
    }

    private static func scheduler(
        _ pipeline: SDXLPipeline, _ request: GenerationRequest, seed: UInt64
    ) throws -> any Scheduler {
        try SchedulerRegistry.scheduler(
            for: SchedulerRequest(
                sampler: request.sampler, schedule: request.schedule, steps: request.steps ?? 1,
                seed: seed),
            configuration: pipeline.checkpoint.scheduler)
    }
}
