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
        let timeline = ConditioningTimeline(prompts[number]) { prompt, isNegative in
            let texts = try prompt.projections(for: unet)
            let all = pictures?.adding(
                to: texts, isNegative: isNegative, width: pass.width, height: pass.height)
            return branch(prompt, isNegative, pass, projections: all ?? texts)
        } prepare: {
            try unet.prepare($0)
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
            let given = isNegative ? run.request.negativeAestheticScore : run.request.aestheticScore
            micro.aestheticScore =
                given.map { Float($0) }
                ?? (isNegative
                    ? MicroConditioning.negativeAestheticScore : MicroConditioning.aestheticScore)
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
        let references = run.request.actingImagePrompts
        guard !references.isEmpty else { return pipeline.forgetImagePrompts() }
        pictures = try ImagePromptStage(
            references, run.companions.imagePrompts, unet: pipeline.checkpoint.unet.configuration,
            compute: pipeline.compute
        ) { try pipeline.imagePrompt($0) }
    }

    private mutating func control() throws {
        guard !run.request.controls.isEmpty else { return pipeline.forgetControls() }
        let models = try pipeline.controls(run.companions.controls)
        let mask = try run.request.maskImage.map { try ImageFile.read($0) }
        controls = try run.passes.enumerated().map { number, pass in
            var stage = ControlStage(compute: pipeline.compute)
            for (reference, model) in zip(run.request.controls, models) {
                switch model {
                case .net(let network):
                    stage.nets.append(
                        try control(reference, network, pass, prompts[number], mask: mask))
                case .adapter(let adapter):
                    stage.adapters.append(
                        try steered(
                            reference, adapter, pass, sides: prompts[number].moments[0].count,
                            mask: mask))
                }
            }
            return stage
        }
    }

    /// One T2I-Adapter with its picture.
    private func steered(
        _ reference: ControlReference, _ adapter: StructureAdapter, _ pass: DiffusionPass,
        sides: Int, mask: PixelImage?
    ) throws -> ControlStage.Adapter {
        let compute = pipeline.compute
        let picture = try ControlPicture(
            reference, mask: mask, width: pass.width, height: pass.height, isBGR: false,
            isGray: adapter.configuration.pictureChannels == 1
        ) { run.report(.warning($0)) }
        let features = try adapter.features(
            of: picture.values, width: pass.width, height: pass.height)
        return ControlStage.Adapter(
            features: try features.map {
                try compute.concatenateEntries(
                    Array(
                        repeating: try compute.scale($0, by: Float(reference.scale)), count: sides))
            },
            start: reference.start, end: reference.end, steps: run.request.steps ?? 1,
            actsBeyondSteps: pipeline.checkpoint.textEncoder2 == nil)
    }

    /// One control network with its picture; it reads the same prompts as the UNet.
    private func control(
        _ reference: ControlReference, _ network: ControlNetModel, _ pass: DiffusionPass,
        _ prompts: PromptTimeline, mask: PixelImage?
    ) throws -> ControlStage.Net {
        let compute = pipeline.compute
        let picture = try ControlPicture(
            reference, mask: mask, width: pass.width, height: pass.height,
            isBGR: network.configuration.isBGR
        ) { run.report(.warning($0)) }
        let features = try network.features(
            of: try compute.tensor(from: picture.values, [1, pass.height, pass.width, 3]))
        let conditioning = ConditioningTimeline(prompts) { prompt, isNegative in
            branch(
                prompt, isNegative, pass, projections: try network.project(prompt.context))
        } prepare: {
            try network.prepare($0)
        }
        return ControlStage.Net(
            network: network,
            features: try compute.concatenateEntries(
                Array(repeating: features, count: prompts.moments[0].count)),
            conditioning: conditioning, scale: Float(reference.scale),
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
