/// A field of ``GenerationRequest``; the raw value is its key in JSON.
///
/// Capabilities, problems, `--set FIELD=VALUE`, parameter diffs and the parameter pane all speak of
/// fields by this name.
public enum RequestField: String, Codable, CaseIterable, Sendable, CodingKey {
    case version, prompt, negativePrompt, prompt2, negativePrompt2, expansion
    case backend, model, vae, refiner, highNoiseFraction, refinerStrength
    case aestheticScore, negativeAestheticScore
    case width, height, steps, guidanceScale, guidanceRescale
    case guidanceStart, guidanceEnd, featureReuse
    case sampler, schedule, seeds, noiseSource, variationSeed, variationStrength
    case clipSkip, promptWeighting, loras, embeddings
    case initImage, strength, maskImage, maskFeather, maskPadding, outpaint
    case controls, imagePrompts, style, safety, safetyChecker, tiling, hires, precision, extras

    /// The command-line option that sets the field, as a message to a person names it.
    public var option: String {
        switch self {
        case .version: "version"
        case .prompt: "PROMPT"
        case .negativePrompt: "--negative"
        case .prompt2: "--prompt-2"
        case .negativePrompt2: "--negative-2"
        case .expansion: "expansion"
        case .highNoiseFraction: "--high-noise-fraction"
        case .refinerStrength: "--refiner-strength"
        case .aestheticScore: "--aesthetic-score"
        case .negativeAestheticScore: "--negative-aesthetic-score"
        case .guidanceScale: "--cfg"
        case .guidanceRescale: "--cfg-rescale"
        case .guidanceStart: "--cfg-start"
        case .guidanceEnd: "--cfg-end"
        case .featureReuse: "--reuse-features"
        case .seeds: "--seed"
        case .noiseSource: "--rng"
        case .variationSeed: "--variation-seed"
        case .variationStrength: "--variation-strength"
        case .clipSkip: "--clip-skip"
        case .promptWeighting: "--weighting"
        case .loras: "--lora"
        case .embeddings: "--embedding"
        case .initImage: "--init"
        case .maskImage: "--mask"
        case .maskFeather: "--mask-feather"
        case .maskPadding: "--mask-padding"
        case .controls: "--control"
        case .imagePrompts: "--ip-adapter"
        case .safetyChecker: "--safety-checker"
        case .extras: "--extra"
        default: "--" + rawValue
        }
    }
}
