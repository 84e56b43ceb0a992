import Generation

/// A line of the parameters pane, in the order in which they stand there.
public enum ParameterID: String, Hashable, Sendable, CaseIterable {
    case backend, model, style
    case size, width, height, steps, guidance, sampler, schedule
    case seedMode, seed, count
    case clipSkip, weighting, guidanceRescale, noiseSource
    case variationSeed, variationStrength
    case initImage, strength, maskImage, maskFeather, maskPadding, outpaint
    case hires, tiling, precision, safety, safetyChecker
    case vae, refiner, highNoiseFraction, refinerStrength
    case aestheticScore, negativeAestheticScore
    case loras, embeddings, controls, imagePrompts, extras
    case guidanceStart, guidanceEnd, featureReuse
    case prompt2, negativePrompt2

    /// The field of the request behind it; nil for what the studio keeps itself.
    public var field: RequestField? {
        switch self {
        case .size, .seedMode, .count: nil
        case .guidance: .guidanceScale
        case .seed: .seeds
        case .weighting: .promptWeighting
        default: RequestField(rawValue: rawValue)
        }
    }

    /// The label in the pane.
    public var label: String {
        switch self {
        case .backend: "Backend"
        case .model: "Model"
        case .style: "Style"
        case .size: "Size"
        case .width: "Width"
        case .height: "Height"
        case .steps: "Steps"
        case .guidance: "Guidance"
        case .sampler: "Sampler"
        case .schedule: "Schedule"
        case .seedMode: "Seed is"
        case .seed: "Seed"
        case .count: "Pictures"
        case .clipSkip: "Clip skip"
        case .weighting: "Weighting"
        case .guidanceRescale: "Rescale"
        case .guidanceStart: "Guided from"
        case .guidanceEnd: "Guided to"
        case .featureReuse: "Reuse"
        case .noiseSource: "Noise"
        case .variationSeed: "Var. seed"
        case .variationStrength: "Variation"
        case .initImage: "From image"
        case .strength: "Strength"
        case .maskImage: "Mask"
        case .maskFeather: "Feather"
        case .maskPadding: "Mask only"
        case .outpaint: "Outpaint"
        case .hires: "Hires pass"
        case .tiling: "Seamless"
        case .precision: "Precision"
        case .safety: "Safety"
        case .safetyChecker: "Checker"
        case .vae: "VAE"
        case .refiner: "Refiner"
        case .highNoiseFraction: "Base share"
        case .refinerStrength: "Ref. pass"
        case .aestheticScore: "Aesthetics"
        case .negativeAestheticScore: "Neg. aesth."
        case .loras: "LoRAs"
        case .embeddings: "Embeddings"
        case .controls: "Controls"
        case .imagePrompts: "Img prompt"
        case .extras: "Extras"
        case .prompt2: "2nd prompt"
        case .negativePrompt2: "2nd neg."
        }
    }

    /// The unit or range in words, shown while the line is selected.
    public var hint: String {
        switch self {
        case .backend: "where pictures are made"
        case .model: "checkpoint: a name, a folder or a .safetensors file"
        case .style: "words around the prompt"
        case .size: "sizes that suit the model"
        case .width, .height: "pixels, a multiple of 8"
        case .steps: "1 to 1000; more is slower"
        case .guidance: "CFG: 0 to 100; 1 or below ignores the negative"
        case .sampler: "the solver"
        case .schedule: "scheduler: where the steps lie"
        case .seedMode: "random, fixed or counting up"
        case .seed: "the number behind the noise; several: 7, 12, 99"
        case .count: "batch: pictures per run"
        case .clipSkip: "1 last layer, 2 as SDXL was trained"
        case .weighting: "arithmetic of (word:1.2)"
        case .guidanceRescale: "CFG rescale: 0 to 1; tames strong guidance"
        case .guidanceStart: "0 to 1; the share of the steps before guidance begins"
        case .guidanceEnd: "0 to 1; the share of the steps after which it ends"
        case .featureReuse: "1 computes all levels at every step; 2 every other time"
        case .noiseSource: "torch as on CPUs, philox as on GPUs"
        case .variationSeed: "subseed: a second noise to mix in"
        case .variationStrength: "0 to 1; how much of it"
        case .initImage: "img2img: path of a picture to start from"
        case .strength: "denoising: 0 to 1; how much is replaced"
        case .maskImage: "inpainting: path; white is repainted"
        case .maskFeather: "pixels over which the mask's edge blends"
        case .maskPadding: "works on the mask and so many pixels around it"
        case .outpaint: "left,top,right,bottom pixels to add; :noise fills with noise"
        case .hires: "hires fix: scale:strength of a second pass; :pixels enlarges those"
        case .tiling: "tiling: edges that meet"
        case .precision: "arithmetic of the engine"
        case .safety: "what happens to flagged pictures"
        case .safetyChecker: "folder of the safety checker"
        case .vae: "replaces the model's VAE"
        case .refiner: "takes over for the last steps"
        case .highNoiseFraction: "0 to 1; before the refiner"
        case .refinerStrength: "0 to 1; the refiner over the finished picture"
        case .aestheticScore: "0 to 10; what the refiner is told, usually 6"
        case .negativeAestheticScore: "0 to 10; beside the negative prompt, usually 2.5"
        case .loras: "name:weight, ...; :te=0.4 for the encoders, :lbw=1,0,... per block"
        case .embeddings: "textual inversion: word=file, word=file"
        case .controls: "ControlNet: model picture scale=1 end=1 preprocess=canny; ..."
        case .imagePrompts: "IP-Adapter: model picture scale=0.6 method=full; ..."
        case .extras: "field=value, field=value of a remote service"
        case .prompt2: "what the second encoder reads instead"
        case .negativePrompt2: "what the second encoder is to avoid"
        }
    }
}
