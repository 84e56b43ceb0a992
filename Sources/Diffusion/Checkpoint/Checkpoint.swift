import Foundation

/// A model on disk, opened and understood, no weight read yet.
///
/// Opening maps the files and reads headers and configurations only, so it takes milliseconds and
/// hardly any memory whatever the model's size.
public struct Checkpoint: Sendable {
    /// One network: its shape and where its weights lie.
    struct Network<Configuration: Sendable>: Sendable {
        var configuration: Configuration
        var tensors: TensorIndex
    }

    /// Where a text encoder's tokenizer comes from.
    enum TokenizerSource: Hashable, Sendable {
        /// A folder with `tokenizer.json`, or `vocab.json` and `merges.txt`.
        case folder(URL)
        /// CLIP's own vocabulary, which the program brings along; what single files mean.
        case clip
    }

    /// A text encoder with its tokenizer.
    struct Text: Sendable {
        var network: Network<CLIPTextConfiguration>
        var tokenizer: TokenizerSource
    }

    /// The folder or file.
    public let path: String
    var unet: Network<UNetConfiguration>
    /// OpenAI's CLIP ViT-L in SDXL, the only encoder of Stable Diffusion 1 and 2; nil in a
    /// refiner.
    var textEncoder: Text?
    /// OpenCLIP ViT-bigG in SDXL, whose projection is the pooled vector; nil where there is one
    /// encoder only.
    var textEncoder2: Text?
    var vae: Network<VAEConfiguration>
    /// A tiny decoder for previews, when a folder brings one.
    var tinyDecoder: Network<TinyDecoderConfiguration>?
    var scheduler: SchedulerConfiguration = .sdxl
    /// Whether an absent negative prompt means zero embeddings.
    var forcesZerosForEmptyPrompt = true
    /// The map from latents to colours for previews.
    var latentColors: LatentColorMap?
    /// What the folder's `model.json` says about defaults.
    var suggestions = ModelSuggestions()

    /// What a person should know about how the model was put together.
    public internal(set) var notes: [String] = []

    /// Opens the folder or file at `url`.
    ///
    /// - Parameter companions: lend what a single file does not hold.
    /// - Throws: ``WeightsError`` that names what is missing or wrong.
    public init(
        _ url: URL, companions: ModelCompanions = ModelCompanions()
    ) throws(WeightsError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw .notFound(path: url.path)
        }
        self =
            isFolder.boolValue
            ? try Self.folder(url) : try Self.singleFile(url, companions: companions)
        try checkWidths()
    }

    /// The parts must fit together.
    private func checkWidths() throws(WeightsError) {
        let shape = unet.configuration
        func fail(_ reason: String) -> WeightsError { .notAModel(path: path, reason: reason) }
        let widths = encoders.map(\.hiddenSize)
        guard !widths.isEmpty else { throw fail("it has no text encoder") }
        guard widths.reduce(0, +) == shape.contextWidth else {
            let wide = widths.map(String.init).joined(separator: " and ")
            throw fail(
                (widths.count > 1 ? "its encoders are \(wide) wide" : "its encoder is \(wide) wide")
                    + " and its UNet reads \(shape.contextWidth)")
        }
        guard Set(encoders.map(\.maximumLength)).count == 1 else {
            throw fail("its encoders read sequences of different lengths")
        }
        guard vae.configuration.latentChannels == shape.outChannels else {
            throw fail("its VAE and its UNet have latents of different channels")
        }
        guard shape.inChannels == shape.outChannels || shape.isInpainting else {
            throw fail(
                "its UNet reads \(shape.inChannels) channels, where \(shape.outChannels) or, for "
                    + "inpainting, \(2 * shape.outChannels + 1) are known")
        }
        guard let inputs = shape.additionInputWidth, let width = shape.additionTimeWidth else {
            return
        }
        guard let pooled = textEncoder2?.network.configuration.projectionSize else {
            throw fail("its second text encoder has no projection")
        }
        let sizes = family == .sdxlRefiner ? 5 : 6
        guard sizes * width + pooled == inputs else {
            throw fail(
                "its UNet does not read \(sizes) sizes and scores and \(pooled) pooled numbers")
        }
    }

    /// The shapes of the encoders that there are, in order.
    var encoders: [CLIPTextConfiguration] {
        [textEncoder, textEncoder2].compactMap { $0?.network.configuration }
    }

    /// The kind of model, by its parts: names of files say nothing.
    public var family: ModelFamily {
        if textEncoder == nil { return .sdxlRefiner }
        if textEncoder2 != nil { return .sdxl }
        return unet.configuration.usesLinearProjection ? .stableDiffusion2 : .stableDiffusion1
    }

    init(
        path: String, unet: Network<UNetConfiguration>, textEncoder: Text?, textEncoder2: Text?,
        vae: Network<VAEConfiguration>
    ) {
        self.path = path
        self.unet = unet
        self.textEncoder = textEncoder
        self.textEncoder2 = textEncoder2
        self.vae = vae
    }

    /// The files that hold weights, by role, in a stable order.
    public var weightFiles: [String: [URL]] {
        var files = ["unet": unet.tensors.files, "vae": vae.tensors.files]
        files["textEncoder"] = textEncoder?.network.tensors.files
        files["textEncoder2"] = textEncoder2?.network.tensors.files
        let all = Set(files.values.joined())
        if all.count == 1 { files = ["model": Array(all)] }
        return files.mapValues { $0.sorted { $0.path < $1.path } }
    }
}
