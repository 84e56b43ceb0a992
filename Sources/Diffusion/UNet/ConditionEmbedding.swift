import Tensors

/// The timestep, the sizes, the pooled prompt and, in distilled networks, the guidance scale as one
/// vector per picture.
struct ConditionEmbedding {
    private let configuration: UNetConfiguration
    private let compute: Compute
    private let time: TimestepEmbedding
    private let added: TimestepEmbedding?

    init(_ configuration: UNetConfiguration, _ weights: WeightsScope, compute: Compute) throws {
        self.configuration = configuration
        self.compute = compute
        time = try TimestepEmbedding(
            inputs: configuration.down[0].channels, outputs: configuration.timeEmbeddingWidth,
            guidanceWidth: configuration.guidanceEmbeddingWidth, weights.at("time_embedding"),
            compute: compute)
        added = try configuration.additionInputWidth.map {
            try TimestepEmbedding(
                inputs: $0, outputs: configuration.timeEmbeddingWidth,
                weights.at("add_embedding"), compute: compute)
        }
    }

    /// The activated embedding of time, sizes and pooled prompt, `[N, timeEmbeddingWidth]`.
    func callAsFunction(_ timestep: Float, _ conditioning: PreparedConditioning) throws -> Tensor {
        let row = sinusoid(configuration.down[0].channels)(timestep)
        let rows = try compute.tensor(
            from: Array(repeating: row, count: conditioning.count).flatMap { $0 },
            [conditioning.count, row.count])
        var embedded = try time(rows, guidance: conditioning.guidance)
        if let added = conditioning.added { embedded = try compute.add(embedded, added) }
        return try compute.activate(embedded, .silu)
    }

    /// What does not change from step to step, for pictures that run side by side.
    func prepare(_ branches: [UNet2DConditionModel.Branch]) throws -> PreparedConditioning {
        guard let first = branches.first else {
            return PreparedConditioning(projections: [], added: nil, guidance: nil, count: 0)
        }
        let projections = try first.projections.indices.map { index in
            try PromptProjection.sideBySide(branches.map { $0.projections[index] }, compute)
        }
        return PreparedConditioning(
            projections: projections, added: try embedAdded(branches),
            guidance: try embedGuidance(branches), count: branches.count)
    }

    private func embedAdded(_ branches: [UNet2DConditionModel.Branch]) throws -> Tensor? {
        guard let added, let inputs = configuration.additionInputWidth,
            let width = configuration.additionTimeWidth
        else { return nil }
        let sinusoid = sinusoid(width)
        let values = branches.flatMap { branch in
            branch.pooled + branch.micro.numbers.flatMap { sinusoid($0) }
        }
        return try added(try compute.tensor(from: values, [branches.count, inputs]))
    }

    private func embedGuidance(_ branches: [UNet2DConditionModel.Branch]) throws -> Tensor? {
        guard let width = configuration.guidanceEmbeddingWidth else { return nil }
        // As the pipeline's `get_guidance_scale_embedding`: sines first, 1000 times the scale.
        let sinusoid = GuidanceSinusoid(width: width)
        let values = branches.flatMap { sinusoid(Float($0.guidanceScale - 1)) }
        return try compute.tensor(from: values, [branches.count, width])
    }

    private func sinusoid(_ width: Int) -> Sinusoid {
        Sinusoid(
            width: width, flipsSinToCos: configuration.flipsSinToCos,
            frequencyShift: configuration.frequencyShift)
    }
}

/// What a network reads at every step besides the latents, the same through a whole run.
struct PreparedConditioning {
    /// For every cross-attention in order, N prompts side by side.
    let projections: [PromptProjection]
    /// Embedded sizes and pooled prompts, `[N, timeEmbeddingWidth]`.
    let added: Tensor?
    /// The guidance scale's sinusoids for distilled networks.
    let guidance: Tensor?
    /// Pictures side by side.
    let count: Int
}
