/// The arithmetic behind `(word:1.2)`.
public enum PromptWeighting: String, Codable, CaseIterable, Sendable {
    /// Scales each token's embedding, then restores the mean of the whole; chunks of 75 tokens.
    case a1111
    /// Interpolates from the empty prompt's embedding; chunks of 75 tokens.
    case comfy
    /// Brackets are ordinary text and the prompt is cut at 77 tokens, as diffusers does.
    case none
}

/// The generator behind the initial noise and a stochastic solver's draws.
public enum NoiseSourceName: String, Codable, CaseIterable, Sendable {
    /// PyTorch's CPU generator (Mersenne twister): diffusers on the CPU, ComfyUI.
    case torch
    /// CUDA's Philox, as A1111's "NV" mode computes it.
    case philox
}

/// What happens to a picture that the safety checker flags.
public enum SafetyMode: String, Codable, CaseIterable, Sendable {
    /// The checker does not run.
    case off
    /// Verdict and score are recorded, the picture kept.
    case flag
    /// A flagged picture is blurred beyond recognition.
    case blur
    /// A flagged picture is withheld; a black one stands in its place.
    case block
}

/// Axes along which the picture's edges meet without a seam.
public enum TilingMode: String, Codable, CaseIterable, Sendable {
    case none, x, y, both
}

/// The arithmetic of the local engine.
public enum Precision: String, Codable, CaseIterable, Sendable {
    /// 32-bit floats throughout: the reference.
    case f32
    /// bfloat16 weights and activations, sums in 32 bits.
    case bf16
    /// Linear layers in 8-bit integers, the rest in bfloat16.
    case int8
}

/// A LoRA file and how strongly it acts.
public struct LoRAReference: Codable, Hashable, Sendable {
    /// A name known to `latent models`, or a path.
    public var name: String
    /// Multiplier, usually 0 to 1; negative values subtract.
    public var weight: Double
    /// Multiplier for the text encoders where it differs.
    public var textEncoderWeight: Double?
    /// Factors for parts of the model: the text encoders first, then blocks of the UNet, 12, 17, 20
    /// or 26 numbers in all, as A1111's block weights count; nil: 1 everywhere.
    public var blockWeights: [Double]?

    /// How many numbers ``blockWeights`` may have.
    public static let blockWeightCounts = [12, 17, 20, 26]

    /// Creates a reference; weight 1 applies the LoRA as trained.
    public init(name: String, weight: Double = 1) {
        self.name = name
        self.weight = weight
    }

    /// As `--lora` takes it: `name:0.8:te=0.4:lbw=1,0,...`.
    public var argument: String {
        let text = textEncoderWeight.map { ":te=\($0)" } ?? ""
        let numbers = blockWeights.map { $0.map { "\($0)" }.joined(separator: ",") }
        return "\(name):\(weight)\(text)" + (numbers.map { ":lbw=\($0)" } ?? "")
    }
}

/// A textual inversion: the token in the prompt and the file it stands for.
public struct EmbeddingReference: Codable, Hashable, Sendable {
    /// The word in the prompt that is replaced.
    public var token: String
    /// The safetensors file with the vectors.
    public var path: String

    /// Binds a token to a file.
    public init(token: String, path: String) {
        self.token = token
        self.path = path
    }
}

/// One ControlNet and the picture it follows.
public struct ControlReference: Codable, Hashable, Sendable {
    /// A name known to `latent models`, or a path.
    public var model: String
    /// The control picture, or the picture to preprocess.
    public var image: String
    /// Multiplier of the residuals; 1 is the trained strength.
    public var scale: Double
    /// Fraction of the schedule at which control begins, 0...1.
    public var start: Double
    /// Fraction of the schedule at which control ends, 0...1.
    public var end: Double
    /// Preprocessor applied to `image` (`canny`, ...), or nil when it is a control picture already.
    public var preprocessor: String?

    /// Names of the local engine's preprocessors.
    public static let preprocessors = [
        "canny", "softedge", "lineart", "tile", "inpaint", "blur", "gray", "invert",
    ]

    /// A control that acts over the whole schedule at its trained strength.
    public init(
        model: String, image: String, scale: Double = 1, end: Double = 1,
        preprocessor: String? = nil
    ) {
        self.model = model
        self.image = image
        self.scale = scale
        self.start = 0
        self.end = end
        self.preprocessor = preprocessor
    }
}

/// One IP-Adapter and the picture that prompts it.
public struct ImagePromptReference: Codable, Hashable, Sendable {
    /// Which layers the adapter acts on.
    public enum Method: String, Codable, CaseIterable, Sendable {
        case full, style, composition
    }

    /// A name known to `latent models`, or a path.
    public var model: String
    /// The picture that prompts.
    public var image: String
    /// Multiplier; 0.5 to 0.8 is usual.
    public var scale: Double
    /// Which layers listen.
    public var method: Method
    /// White where the picture prompts; nil: everywhere.
    public var mask: String?
    /// A word that the prompt must have for the picture to act, as OctoAI's `transfer_images` binds
    /// sample pictures to words; nil: it always acts.
    public var word: String?

    /// An image prompt for the whole picture.
    public init(
        model: String, image: String, scale: Double = 0.6, method: Method = .full,
        mask: String? = nil
    ) {
        self.model = model
        self.image = image
        self.scale = scale
        self.method = method
        self.mask = mask
    }

    /// Whether the picture acts beside a prompt.
    public func acts(in prompt: String) -> Bool {
        guard let word, !word.isEmpty else { return true }
        return prompt.lowercased().contains(word.lowercased())
    }
}
