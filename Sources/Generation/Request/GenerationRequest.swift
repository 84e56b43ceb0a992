/// Everything that determines a picture: the one value that the command line, the studio, the
/// journal, PNG metadata and every backend exchange.
///
/// Fields whose default depends on the model (`width`, `steps`, ...) are nil until
/// ``filled(from:)`` has run; a backend receives and records a request without such gaps.
/// `--threads`, `--memory` and output paths are not here because they do not change the picture.
public struct GenerationRequest: Hashable, Sendable {
    /// The version that this program writes.
    public static let currentVersion = 1
    /// The name of the engine that comes with the program.
    public static let localBackend = "local"

    /// Version of the record, at least 1; a higher one than ``currentVersion`` is refused.
    public var version: Int = Self.currentVersion
    /// What the picture shows. May be empty.
    public var prompt: String
    /// What it must not show. Nil and "" differ: nil gives zero embeddings where the checkpoint
    /// says `force_zeros_for_empty_prompt`, "" is encoded.
    public var negativePrompt: String?
    /// Text for the second encoder; nil or empty: `prompt` goes to both.
    public var prompt2: String?
    /// Negative text for the second encoder; nil or empty: `negativePrompt` goes to both.
    public var negativePrompt2: String?
    /// The prompts after style and wildcards, when those changed them.
    public var expansion: PromptExpansion?
    /// Name of the backend, `local` or a configured remote.
    public var backend: String = Self.localBackend
    /// Folder, file or known name; nil: the backend's default (locally the embedded model).
    public var model: String?
    /// A VAE in place of the checkpoint's.
    public var vae: String?
    /// A refiner that takes over at ``highNoiseFraction``.
    public var refiner: String?
    /// Share of the schedule on the base model, 0...1; only with a refiner.
    public var highNoiseFraction: Double = 0.8
    /// Runs the refiner as an image-to-image pass of this strength, 0...1, over what the base model
    /// finished, instead of handing over at ``highNoiseFraction``; nil: hand over.
    public var refinerStrength: Double?
    /// How well the picture shall be liked, 0...10, for networks that are told so: refiners; nil:
    /// 6, as they were tried with.
    public var aestheticScore: Double?
    /// The same for the negative prompt's side; nil: 2.5.
    public var negativeAestheticScore: Double?
    /// Pixels, a multiple of 8; nil: the model's own size.
    public var width: Int?
    /// Pixels, a multiple of 8; nil: the model's own size.
    public var height: Int?
    /// Denoising steps, 1...1000; nil: the model's default.
    public var steps: Int?
    /// Classifier-free guidance (Ho & Salimans 2022), 0...100; at 1 or below the negative prompt is
    /// not used and a step costs half; nil: the model's default.
    public var guidanceScale: Double?
    /// Rescaling of the guided prediction's deviation (Lin et al. 2024), 0...1; 0 is off.
    public var guidanceRescale: Double = 0
    /// Where in the schedule guidance begins, as a share of it, 0...1 (Kynkäänniemi et al. 2024);
    /// steps outside follow the prompt alone and cost half.
    public var guidanceStart: Double = 0
    /// Where guidance ends, 0...1; 1 is the end.
    public var guidanceEnd: Double = 1
    /// The UNet's inner levels run at every so many steps and are reused in between (DeepCache, Ma
    /// et al. 2024), 1...20; 1 is off.
    public var featureReuse: Int = 1
    /// The solver; nil: what the checkpoint's scheduler configuration names.
    public var sampler: Sampler?
    /// Placement of the sigmas.
    public var schedule: Schedule = .default
    /// One picture per seed, 0...2^64-1 each; empty: one random seed, drawn once and recorded.
    public var seeds: [UInt64] = []
    /// The generator behind the noise.
    public var noiseSource: NoiseSourceName = .torch
    /// A second seed whose noise is mixed in.
    public var variationSeed: UInt64?
    /// How far towards ``variationSeed``'s noise, 0...1 (spherical interpolation).
    public var variationStrength: Double = 0
    /// Which layer of the encoders is read: 1 the last, 2 the penultimate; nil: the model's own,
    /// which is the penultimate for SDXL and the last for Stable Diffusion 1 and 2.
    public var clipSkip: Int?
    /// The arithmetic of `(word:1.2)`.
    public var promptWeighting: PromptWeighting = .a1111
    /// LoRAs, applied together.
    public var loras: [LoRAReference] = []
    /// Textual inversions.
    public var embeddings: [EmbeddingReference] = []
    /// Path of the picture to start from.
    public var initImage: String?
    /// How much of the initial picture is replaced, 0...1; nil: 0.8 when there is one.
    public var strength: Double?
    /// Path of the mask, white where the initial picture is repainted.
    public var maskImage: String?
    /// Blurs the mask's edge over about this many pixels, 0...256, and blends the result into the
    /// initial picture; 0: the mask is cut hard and the whole picture is the model's.
    public var maskFeather: Int = 0
    /// Works on the masked area alone, enlarged to the full size, with this many pixels around it,
    /// 0...1024, and puts it back into the initial picture; nil: works on the whole picture.
    public var maskPadding: Int?
    /// Pixels added around the initial picture.
    public var outpaint: Outpaint?
    /// ControlNets.
    public var controls: [ControlReference] = []
    /// IP-Adapters.
    public var imagePrompts: [ImagePromptReference] = []
    /// Name of a style in `presets/`.
    public var style: String?
    /// What happens to flagged pictures.
    public var safety: SafetyMode = .off
    /// The safety checker's folder, or a known name; nil: the model's own, or the one that is known.
    public var safetyChecker: String?
    /// Seamless edges.
    public var tiling: TilingMode = .none
    /// A second, larger pass.
    public var hires: HiresPass?
    /// Arithmetic of the local engine; nil: the fastest that this CPU does well.
    public var precision: Precision?
    /// Fields of a remote service that nothing here names: the service's name of the field, and its
    /// value as JSON or plain text.
    public var extras: [String: String] = [:]

    /// A request with every field at its default.
    public init(prompt: String) {
        self.prompt = prompt
    }

    /// The text that the first encoder reads: the expansion when there is one.
    public var effectivePrompt: String { expansion?.prompt ?? prompt }

    /// The image prompts whose words, if they have some, are in the prompt.
    public var actingImagePrompts: [ImagePromptReference] {
        imagePrompts.filter { $0.acts(in: effectivePrompt) }
    }

    /// The negative text that the first encoder reads: the expansion's when there is one.
    public var effectiveNegativePrompt: String? {
        expansion.map(\.negativePrompt) ?? negativePrompt
    }

    /// The text that the second encoder reads, nil or empty where it reads the first one's.
    public var effectivePrompt2: String? { expansion?.prompt2 ?? prompt2 }

    /// The negative text that the second encoder reads, nil or empty where it reads the first one's.
    public var effectiveNegativePrompt2: String? { expansion?.negativePrompt2 ?? negativePrompt2 }

    /// The request with every model-dependent gap filled from `defaults`; fields that were given
    /// stay. `seeds` stays empty when no seed was given: drawing one is the caller's step.
    public func filled(from defaults: RequestDefaults) -> GenerationRequest {
        var request = self
        request.width = width ?? defaults.width
        request.height = height ?? defaults.height
        request.steps = steps ?? defaults.steps
        request.guidanceScale = guidanceScale ?? defaults.guidanceScale
        request.sampler = sampler ?? defaults.sampler
        request.precision = precision ?? defaults.precision
        request.clipSkip = clipSkip ?? defaults.clipSkip
        if initImage != nil { request.strength = strength ?? defaults.strength }
        return request
    }
}

/// Values for the fields of a request whose default depends on backend and model.
public struct RequestDefaults: Codable, Hashable, Sendable {
    /// Pixels.
    public var width: Int
    /// Pixels.
    public var height: Int
    /// Denoising steps.
    public var steps: Int
    /// Guidance scale.
    public var guidanceScale: Double
    /// Solver, nil where the backend does not let one choose.
    public var sampler: Sampler?
    /// Arithmetic, nil for remote backends.
    public var precision: Precision?
    /// Strength with an initial picture.
    public var strength: Double = 0.8
    /// The layer of the encoders that is read, from the end.
    public var clipSkip: Int = 2

    /// The defaults of SDXL base 1.0 unless a model says otherwise.
    public init(
        width: Int = 1024, height: Int = 1024, steps: Int = 30, guidanceScale: Double = 5,
        sampler: Sampler? = .euler, precision: Precision? = nil
    ) {
        self.width = width
        self.height = height
        self.steps = steps
        self.guidanceScale = guidanceScale
        self.sampler = sampler
        self.precision = precision
    }
}
