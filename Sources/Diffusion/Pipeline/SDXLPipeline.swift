import Generation
import Tensors

/// A model in memory: text encoders, UNet and VAE, loaded when they are first needed.
///
/// Not Sendable: it lives inside ``DiffusionEngine``.
final class SDXLPipeline {
    let checkpoint: Checkpoint
    let compute: Compute
    let text: TextStage
    /// Whether the UNet's weights are prepared layer by layer at each step.
    let streams: Bool
    /// What a person should know about the files although they can be used.
    let notes: [String]
    private let estimate: MemoryEstimate
    private var unet: UNet2DConditionModel?
    private var unetWeights: [any PreparedWeights] = []
    /// The UNet's prepared layers, of which a change of LoRAs makes only some anew.
    private let layers = LayerCache()
    private var adapters = AdapterSet()
    private var decoder: VAEDecoder?
    private var tinyDecoder: TinyDecoder?
    /// Control networks of the last run by their files' state.
    private var controls: [Set<FileStamp>: ControlModel] = [:]
    /// How long the tiny decoder took last.
    var previewCost: Duration?
    /// The checker of the last run by its files' state.
    private var checker: (stamps: Set<FileStamp>, network: SafetyChecker)?
    /// Adapters and picture encoders of the last run by their files' state.
    private var imagePrompts: [Set<FileStamp>: (ImagePromptAdapter, CLIPVisionEncoder)] = [:]

    /// Weights above this many bytes are not kept while another part works: text encoders of a
    /// full-size model make room for its UNet.
    private static let residentTextLimit = 1 << 30
    /// Decoding that needs this many bytes more than denoising makes the UNet give way.
    private static let roomLimit = 256 << 20

    init(_ checkpoint: Checkpoint, options: ComputeOptions, streams: Bool = false) throws {
        self.checkpoint = checkpoint
        self.streams = streams
        compute = try Compute(options)
        estimate = MemoryEstimate(checkpoint, options, streams: streams)
        text = try TextStage(
            checkpoint,
            keepsEncoders: !streams && estimate.textEncoders < Self.residentTextLimit,
            compute: compute)
        var notes: [String] = []
        try checkpoint.unet.check(UNet2DConditionModel.self, compute) { notes.append($0) }
        for text in [checkpoint.textEncoder, checkpoint.textEncoder2] {
            try text?.network.check(CLIPTextEncoder.self, compute) { notes.append($0) }
        }
        try checkpoint.vae.check(VAEDecoder.self, compute) { notes.append($0) }
        self.notes = notes
    }

    /// Whether the UNet is in memory.
    var isLoaded: Bool { unet != nil }

    /// The UNet; its layers are prepared when they first run.
    func loadedUNet() throws -> UNet2DConditionModel {
        if let unet { return unet }
        let network = checkpoint.unet.patched(adapters.patches[.unet] ?? [:])
        let loaded: (model: UNet2DConditionModel, weights: [any PreparedWeights]) =
            try network.loadWithWeights(
                compute, residence: streams ? .streamed : .kept, layers: layers)
        (unet, unetWeights) = loaded
        return loaded.model
    }

    /// The numeric layer in 32 bits, for parts that work so whatever the run's precision.
    private func exactCompute() throws -> Compute {
        guard compute.options.precision != .float32 else { return compute }
        let exact = try Compute(
            ComputeOptions(threads: compute.options.threads, level: compute.options.level))
        (exact.wrap, exact.checkCancelled) = (compute.wrap, compute.checkCancelled)
        return exact
    }

    /// Large pictures take more activations in the VAE than in the UNet: layers of the UNet make
    /// room, the last first, so that the VAE needs no more memory than denoising did.
    ///
    /// - Parameter excess: bytes that the VAE takes beyond the activations of denoising.
    private func makeRoom(_ excess: Int) -> Bool {
        var missing = excess
        guard missing > Self.roomLimit else { return false }
        for weights in unetWeights.reversed() where missing > 0 { missing -= weights.drop() }
        return true
    }

    /// The control networks of a run, loaded now when the run before had others.
    func controls(_ wanted: [Companions.Control]) throws -> [ControlModel] {
        let stamps = wanted.map { Set($0.network.tensors.files.map { FileStamp($0) }) }
        controls = controls.filter { stamps.contains($0.key) }
        return try zip(wanted, stamps).map { control, stamp in
            if let known = controls[stamp] { return known }
            let loaded = try ControlModel(control.network, compute)
            controls[stamp] = loaded
            return loaded
        }
    }

    /// An IP-Adapter with its picture encoder, loaded now when it is not yet.
    func imagePrompt(
        _ opened: ImagePromptFile.Opened
    ) throws -> (ImagePromptAdapter, CLIPVisionEncoder) {
        let files = opened.adapter.tensors.files + opened.encoder.tensors.files
        let stamp = Set(files.map { FileStamp($0) })
        if let known = imagePrompts[stamp] { return known }
        let adapter: ImagePromptAdapter = try opened.adapter.load(compute)
        let encoder: CLIPVisionEncoder = try opened.encoder.load(compute)
        imagePrompts[stamp] = (adapter, encoder)
        return (adapter, encoder)
    }

    /// The safety checker of a run, loaded now when it is not yet; nil drops the one of the last.
    ///
    /// It works in 32 bits whatever the run's precision, so that no verdict depends on it.
    func safetyChecker(
        _ wanted: Checkpoint.Network<SafetyCheckerConfiguration>?
    ) throws -> SafetyChecker? {
        guard let wanted else {
            checker = nil
            return nil
        }
        let stamps = Set(wanted.tensors.files.map { FileStamp($0) })
        if let checker, checker.stamps == stamps { return checker.network }
        let exact = try Compute(ComputeOptions(threads: compute.options.threads))
        let network: SafetyChecker = try wanted.load(
            exact, residence: streams ? .streamed : .prepared)
        checker = (stamps, network)
        return network
    }

    /// Drops adapters that no run needs any more.
    func forgetImagePrompts() {
        imagePrompts = [:]
    }

    /// Drops control networks that no run needs any more.
    func forgetControls() {
        controls = [:]
    }

    /// Puts LoRAs on the weights in place of those that were there; layers that they do not touch
    /// stay in memory as they are.
    func use(_ adapters: AdapterSet) {
        if adapters.signature(.unet) != self.adapters.signature(.unet) {
            (unet, unetWeights) = (nil, [])
        }
        text.use(adapters)
        self.adapters = adapters
    }

    /// Latents of the sampler, `[channels, h, w]`, to a picture.
    ///
    /// - Throws: ``EngineError/notDecodable`` where damaged weights give no colours.
    func decode(_ latents: [Float], height: Int, width: Int) throws -> PixelImage {
        let madeRoom = makeRoom(estimate.decodingExcess(height: height, width: width))
        defer { if madeRoom { compute.trim() } }
        let decoder = try loadedDecoder()
        let configuration = checkpoint.vae.configuration
        let shape = [1, configuration.latentChannels, height, width]
        let unscaled = configuration.unscaled(latents)
        let tiled = TiledVAE(configuration, compute: compute)
        let pixels = try tiled.decode(
            try compute.tensor(fromPlanes: unscaled, shape), with: decoder)
        let colors = try compute.floats(pixels)
        guard colors.allSatisfy(\.isFinite) else { throw EngineError.notDecodable }
        return PixelImage(colors: colors, width: pixels.shape[2], height: pixels.shape[1])
    }

    /// The distribution of latents that the VAE sees in `picture`, in the sampler's scale.
    func encode(_ picture: PixelImage) throws -> LatentDistribution {
        try encode(
            picture.rgb.map { Float($0) / 255 * 2 - 1 }, width: picture.width,
            height: picture.height)
    }

    /// The same for colours from -1 to 1, `[height, width, 3]`.
    func encode(_ colors: [Float], width: Int, height: Int) throws -> LatentDistribution {
        let configuration = checkpoint.vae.configuration
        let compute = configuration.encodesExactly ? try exactCompute() : compute
        let scale = configuration.scale
        let madeRoom = makeRoom(
            estimate.encodingExcess(height: height / scale, width: width / scale))
        defer { if madeRoom { self.compute.trim() } }
        let encoder: VAEEncoder = try checkpoint.vae.load(compute, residence: vaeResidence)
        let pixels = try compute.tensor(from: colors, [1, height, width, 3])
        let moments = try TiledVAE(configuration, compute: compute).moments(pixels, with: encoder)
        return LatentDistribution(
            moments: try compute.planes(moments), configuration: configuration)
    }

    /// The tiny decoder's picture of latents under way; nil when the model brings none, or one for
    /// other latents.
    func decodedPreview(_ latents: [Float], height: Int, width: Int) throws -> PixelImage? {
        guard let network = checkpoint.tinyDecoder,
            latents.count == network.configuration.latentChannels * height * width
        else { return nil }
        let decoder = try tinyDecoder ?? network.load(compute)
        tinyDecoder = decoder
        let shape = [1, network.configuration.latentChannels, height, width]
        let pixels = try decoder.decode(try compute.tensor(fromPlanes: latents, shape))
        return PixelImage(
            colors: try compute.floats(pixels), width: pixels.shape[2], height: pixels.shape[1])
    }

    /// A linear map's picture of latents under way, a pixel for each; nil when it is for others.
    func mappedPreview(_ latents: [Float], height: Int, width: Int) -> PixelImage? {
        let map = checkpoint.latentColors ?? .sdxl
        return map.picture(of: latents, height: height, width: width)
    }

    private var vaeResidence: WeightResidence { streams ? .streamed : .prepared }

    private func loadedDecoder() throws -> VAEDecoder {
        if let decoder { return decoder }
        let loaded: VAEDecoder = try checkpoint.vae.load(compute, residence: vaeResidence)
        decoder = loaded
        return loaded
    }
}

extension VAEConfiguration {
    /// The sampler's latents, `[channels, h, w]`, as the decoder reads them.
    func unscaled(_ latents: [Float]) -> [Float] {
        let area = latents.count / max(latentChannels, 1)
        guard let statistics = latentStatistics else { return latents.map { $0 / scalingFactor } }
        return latents.enumerated().map { index, value in
            let channel = index / max(area, 1)
            return value * statistics.deviation[channel] / scalingFactor + statistics.mean[channel]
        }
    }
}

extension PixelImage {
    /// Rounds colours from -1 to 1, `[height, width, 3]`, to 8 bits as diffusers does; numbers that
    /// are no colours become black.
    init(colors: [Float], width: Int, height: Int) {
        let bytes = colors.map { value -> UInt8 in
            let scaled = (min(max(value / 2 + 0.5, 0), 1) * 255).rounded(.toNearestOrEven)
            return scaled.isNaN ? 0 : UInt8(scaled)
        }
        self =
            PixelImage(width: width, height: height, rgb: bytes)
            ?? PixelImage(width: width, height: height, filledWith: (0, 0, 0))
    }
}
