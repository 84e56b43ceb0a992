import Foundation

extension Checkpoint {
    /// Opens a diffusers folder.
    static func folder(_ url: URL) throws(WeightsError) -> Checkpoint {
        let indexURL = url.appendingPathComponent("model_index.json")
        guard FileManager.default.fileExists(atPath: indexURL.path) else {
            throw .notAModel(path: url.path, reason: "it has no model_index.json")
        }
        let index = try ConfigurationFile(indexURL)
        let isXL = try checkKind(index)
        let textEncoder = try text(url, "text_encoder", tokenizer: "tokenizer")
        let textEncoder2 = try text(url, "text_encoder_2", tokenizer: "tokenizer_2")
        guard isXL ? textEncoder2 != nil : textEncoder != nil else {
            throw .notAModel(
                path: url.path, reason: "it has no text_encoder\(isXL ? "_2" : "") folder")
        }
        var checkpoint = Checkpoint(
            path: url.path, unet: try unet(url), textEncoder: textEncoder,
            textEncoder2: textEncoder2, vae: try vae(url.appendingPathComponent("vae")))
        checkpoint.forcesZerosForEmptyPrompt = try index.bool(
            "force_zeros_for_empty_prompt", default: isXL)
        checkpoint.scheduler = try schedulerConfiguration(
            url.appendingPathComponent("scheduler/scheduler_config.json"))
        try checkpoint.readExtras(url)
        return checkpoint
    }

    /// Opens a VAE on its own: a diffusers folder (of the VAE, or a whole model), or a file.
    static func vae(at url: URL) throws(WeightsError) -> Network<VAEConfiguration> {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw .notFound(path: url.path)
        }
        if isFolder.boolValue {
            let inner = url.appendingPathComponent("vae")
            let isWhole = FileManager.default.fileExists(atPath: inner.path)
            return try vae(isWhole ? inner : url)
        }
        let file = try SafetensorsFile(path: url.path)
        var index = try TensorIndex(source: url.path, files: [file])
        if index.contains(prefix: "first_stage_model.") {
            index = index.below("first_stage_model.")
        }
        let canonical = VAENaming.canonical(index)
        let configuration: VAEConfiguration
        if let beside = ConfigurationFile.beside(url, describing: ["AutoencoderKL"]) {
            configuration = try VAEConfiguration(beside)
        } else {
            configuration = try .infer(from: canonical)
        }
        return Network(configuration: configuration, tensors: canonical)
    }

    /// Whether the VAE at `url` says how its latents are scaled: a file on its own does not.
    static func tellsScale(vaeAt url: URL) -> Bool {
        url.pathExtension != "safetensors"
            || ConfigurationFile.beside(url, describing: ["AutoencoderKL"]) != nil
    }

    /// Whether the folder describes an SDXL pipeline rather than one of Stable Diffusion 1 or 2.
    private static func checkKind(_ index: ConfigurationFile) throws(WeightsError) -> Bool {
        let name = try index.string("_class_name") ?? ""
        let others = ["StableDiffusion3", "StableDiffusionUpscale", "StableDiffusionLatentUpscale"]
        let isKnown =
            name.hasPrefix("StableDiffusion") || name.hasPrefix("LatentConsistencyModel")
        guard isKnown, !others.contains(where: { name.hasPrefix($0) }) else {
            throw .notAModel(
                path: index.path,
                reason: "it describes a \"\(name)\", and only pipelines of SDXL and of Stable "
                    + "Diffusion 1 and 2 are supported")
        }
        return name.hasPrefix("StableDiffusionXL")
    }

    private static func unet(_ url: URL) throws(WeightsError) -> Network<UNetConfiguration> {
        let folder = url.appendingPathComponent("unet")
        let configuration = try UNetConfiguration(
            ConfigurationFile(folder.appendingPathComponent("config.json")))
        let tensors = try WeightFiles.index(of: folder)
        return Network(configuration: configuration, tensors: tensors)
    }

    private static func vae(_ folder: URL) throws(WeightsError) -> Network<VAEConfiguration> {
        let configuration = try VAEConfiguration(
            ConfigurationFile(folder.appendingPathComponent("config.json")))
        let tensors = VAENaming.canonical(try WeightFiles.index(of: folder))
        return Network(configuration: configuration, tensors: tensors)
    }

    private static func text(
        _ url: URL, _ name: String, tokenizer: String
    ) throws(WeightsError) -> Text? {
        let folder = url.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: folder.path) else { return nil }
        let tensors = CLIPNaming.canonical(try WeightFiles.index(of: folder))
        let configuration = try CLIPTextConfiguration(
            ConfigurationFile(folder.appendingPathComponent("config.json")),
            hasProjection: tensors["text_projection.weight"] != nil)
        let tokenizerFolder = url.appendingPathComponent(tokenizer)
        let isMissing = !FileManager.default.fileExists(atPath: tokenizerFolder.path)
        return Text(
            network: Network(configuration: configuration, tensors: tensors),
            tokenizer: isMissing && configuration.vocabularySize == 49408
                ? .clip : .folder(tokenizerFolder))
    }

    private static func schedulerConfiguration(
        _ url: URL
    ) throws(WeightsError) -> SchedulerConfiguration {
        guard FileManager.default.fileExists(atPath: url.path) else { return .sdxl }
        // Not through ConfigurationFile: diffusers writes numbers here that JSON does not have.
        let json: Data
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            json = try file.read(upToCount: ConfigurationFile.maximumBytes) ?? Data()
        } catch {
            throw .unreadable(file: url.path, reason: error.localizedDescription)
        }
        do {
            return try SchedulerConfiguration(json: json)
        } catch {
            throw .badConfiguration(file: url.path, reason: error.summary)
        }
    }

    /// What a folder may bring beside diffusers' parts.
    private mutating func readExtras(_ url: URL) throws(WeightsError) {
        let colors = url.appendingPathComponent("latent_rgb.json")
        if FileManager.default.fileExists(atPath: colors.path) {
            latentColors = try LatentColorMap(ConfigurationFile(colors))
        }
        let model = url.appendingPathComponent("model.json")
        if FileManager.default.fileExists(atPath: model.path) {
            suggestions = try ModelSuggestions(ConfigurationFile(model))
        }
        let tiny = url.appendingPathComponent("taesd")
        if FileManager.default.fileExists(atPath: tiny.path) {
            tinyDecoder = Network(
                configuration: try TinyDecoderConfiguration(
                    ConfigurationFile(tiny.appendingPathComponent("config.json"))),
                tensors: try WeightFiles.index(of: tiny))
        }
    }
}
