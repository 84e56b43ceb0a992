import Foundation
import Generation
import Tensors

/// One repetition of a measurement, on networks that stay in memory.
struct BenchmarkWork {
    private let options: EngineBenchmark.Options
    private let compute: Compute
    private let parts: BenchmarkNetworks
    let meter: BlockMeter
    private var encoders: [CLIPTextEncoder] = []
    private var unet: UNet2DConditionModel?
    private var conditioning: PreparedConditioning?
    private var decoder: VAEDecoder?

    init(_ options: EngineBenchmark.Options, compute: Compute) throws {
        self.options = options
        self.compute = compute
        parts = try BenchmarkNetworks(options.shape)
        let meter = BlockMeter(compute)
        self.meter = meter
        if options.part == .text || options.part == .run {
            encoders = try parts.textEncoders.map { try parts.load($0, compute) }
        }
        if options.part == .unet || options.part == .run {
            let unet: UNet2DConditionModel = try parts.load(
                parts.unet, compute, residence: options.streams ? .streamed : .prepared)
            conditioning = try Self.conditioning(unet, options, compute)
            unet.observe = { name, _ in meter.finish(name) }
            self.unet = unet
        }
        if options.part == .vae || options.part == .run {
            decoder = try parts.load(parts.vae, compute)
        }
    }

    /// Runs each part once.
    func callAsFunction() throws {
        for encoder in encoders {
            let ids = (0..<encoder.configuration.maximumLength).map {
                $0 % encoder.configuration.vocabularySize
            }
            _ = try encoder.encode(
                [ids], skip: 2, wantsPooled: encoder.configuration.projectionSize != nil)
        }
        let scale = parts.vae.configuration.scale
        let (height, width) = (options.height / scale, options.width / scale)
        if let unet, let conditioning {
            let x = try Self.noise(
                [options.batch, unet.configuration.inChannels, height, width], compute)
            meter.begin()
            _ = try unet(x, timestep: 501, conditioning: conditioning)
            meter.finish("out")
        }
        if let decoder {
            let x = try Self.noise(
                [1, decoder.configuration.latentChannels, height, width], compute)
            _ = try TiledVAE(decoder.configuration, compute: compute).decode(x, with: decoder)
        }
    }

    /// Latents of random numbers, `[N, channels, h, w]` in, `[N, h, w, channels]` out.
    static func noise(_ shape: [Int], _ compute: Compute) throws -> Tensor {
        var source = PhiloxNoise(seed: 1)
        return try compute.tensor(
            fromPlanes: source.normal(count: shape.reduce(1, *)), shape)
    }

    /// A random prompt for every picture of a batch.
    static func conditioning(
        _ unet: UNet2DConditionModel, _ options: EngineBenchmark.Options, _ compute: Compute
    ) throws -> PreparedConditioning {
        try unet.prepare(branches(unet.configuration, options, compute) { try unet.project($0) })
    }

    /// The same for any network with a UNet's contracting half.
    static func branches(
        _ configuration: UNetConfiguration, _ options: EngineBenchmark.Options,
        _ compute: Compute, project: (Tensor) throws -> [PromptProjection]
    ) throws -> [UNet2DConditionModel.Branch] {
        let shape = [1, 77, max(1, configuration.contextWidth)]
        var source = PhiloxNoise(seed: 2)
        let prompt = try compute.tensor(from: source.normal(count: shape.reduce(1, *)), shape)
        let projections = try project(prompt)
        let pooled =
            (configuration.additionInputWidth ?? 0)
            - 6 * (configuration.additionTimeWidth ?? 0)
        let branch = UNet2DConditionModel.Branch(
            projections: projections, pooled: Array(repeating: 0.1, count: max(0, pooled)),
            micro: MicroConditioning(width: options.width, height: options.height))
        return Array(repeating: branch, count: max(1, options.batch))
    }
}

/// The networks of a measurement: a model's own, or SDXL's shape with random weights.
struct BenchmarkNetworks {
    let textEncoders: [Checkpoint.Network<CLIPTextConfiguration>]
    let unet: Checkpoint.Network<UNetConfiguration>
    let vae: Checkpoint.Network<VAEConfiguration>
    private let random: RandomWeights?

    init(_ shape: EngineBenchmark.Shape) throws(WeightsError) {
        switch shape {
        case .model(let url):
            let checkpoint = try Checkpoint(url)
            textEncoders = [checkpoint.textEncoder, checkpoint.textEncoder2].compactMap {
                $0?.network
            }
            unet = checkpoint.unet
            vae = checkpoint.vae
            random = nil
        case .sdxl:
            let nothing = TensorIndex(source: "")
            textEncoders = [CLIPTextConfiguration.clipL, .openCLIPBigG].map {
                .init(configuration: $0, tensors: nothing)
            }
            unet = .init(configuration: .sdxl, tensors: nothing)
            vae = .init(configuration: .sdxl, tensors: nothing)
            random = RandomWeights(largest: 49408 * 1280)
        }
    }

    /// Builds a network with its own weights or random ones.
    func load<Model: LoadableNetwork>(
        _ network: Checkpoint.Network<Model.Configuration>, _ compute: Compute,
        residence: WeightResidence = .prepared
    ) throws -> Model {
        guard let random else { return try network.load(compute, residence: residence) }
        let reader = WeightsReader(.random(random), compute: compute)
        return try Model(network.configuration, reader.scope(), compute: compute)
    }
}
