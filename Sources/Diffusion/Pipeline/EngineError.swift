import Generation
import Tensors

/// Why the local engine cannot run a request.
public enum EngineError: UserFacingError, Hashable {
    /// The run would not fit into memory.
    case tooLittleMemory(needed: Int, available: Int)
    /// No model was named and none ships with the program.
    case noModel
    /// `--init-noise` holds something else than the request needs.
    case unusableNoise(file: String, reason: String)
    /// A prompt gives a token that the text encoder's table lacks.
    case unknownToken(id: Int, vocabulary: Int)
    /// The tokenizer makes longer sequences than the text encoder reads.
    case sequenceTooLong(length: Int, maximum: Int)
    /// The system gave no memory while the run was under way.
    case outOfMemory
    /// The environment asks for kernels that do not exist.
    case unknownLevel(String)
    /// The latents are not numbers any more, so there is no picture.
    case notFinite(seed: UInt64)
    /// The decoder's colours are infinite or none, so there is no picture.
    case notDecodable
    /// The safety checker's numbers are infinite or none.
    case noVerdict

    public var summary: String {
        switch self {
        case .tooLittleMemory(let needed, let available):
            "The run needs about \(Self.gigabytes(needed)) of memory and "
                + "\(Self.gigabytes(available)) are available"
        case .noModel:
            "No model was named and the embedded one was not found"
        case .unusableNoise(let file, let reason):
            "\(printable(file)) cannot serve as the initial noise: \(printable(reason))"
        case .unknownToken(let id, let vocabulary):
            "The tokenizer gives token \(id), but the text encoder knows only \(vocabulary) tokens"
        case .sequenceTooLong(let length, let maximum):
            "The tokenizer makes sequences of \(length) tokens, but the text encoder reads \(maximum)"
        case .outOfMemory:
            "The system gave the engine no more memory"
        case .unknownLevel(let name):
            "\(InstructionLevel.environmentVariable) is \(printable(name)), which no kernels are "
                + "called"
        case .notFinite(let seed):
            "The picture of seed \(seed) was lost: its latents became infinite or not numbers"
        case .notDecodable:
            "The picture was lost: the VAE's colours became infinite or not numbers"
        case .noVerdict:
            "The safety checker came to no verdict: its numbers became infinite or not numbers"
        }
    }

    public var hint: String? {
        switch self {
        case .tooLittleMemory, .outOfMemory:
            "choose a smaller --width and --height, --precision bf16, or --memory streamed"
        case .noModel: "name one with --model"
        case .notFinite:
            "try --precision f32 or another --sampler; the model's weights may be damaged, or "
                + "weights in the prompt far too large"
        case .notDecodable:
            "try --precision f32, or another VAE with --vae; this one's weights may be damaged"
        case .noVerdict: "its weights are damaged; fetch it again, or name another one"
        case .unknownLevel:
            "unset it, or choose "
                + InstructionLevel.allCases.map(\.name).joined(separator: ", ")
        case .unusableNoise: "the tensor is called latents and has the shape [n, 4, h/8, w/8]"
        case .unknownToken, .sequenceTooLong:
            "the model folder's tokenizer and text encoder do not belong together"
        }
    }

    private static func gigabytes(_ bytes: Int) -> String {
        let tenths = (bytes + 50_000_000) / 100_000_000
        return "\(tenths / 10).\(tenths % 10) GB"
    }
}
