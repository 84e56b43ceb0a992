import Foundation
import Generation

/// Why model files cannot be used. Every case names the file, and the tensor where there is one.
public enum WeightsError: UserFacingError, Hashable {
    /// Nothing lies at the path.
    case notFound(path: String)
    /// The file exists and cannot be read.
    case unreadable(file: String, reason: String)
    /// A Python pickle, which can run code when it is read.
    case pickled(file: String)
    /// The container is broken.
    case malformed(file: String, reason: String)
    /// One tensor of the container is broken or cannot be used.
    case badTensor(file: String, tensor: String, reason: String)
    /// The tensors are not those that the model's shape asks for.
    case mismatch(WeightsMismatch)
    /// A folder or file that is no model this engine knows.
    case notAModel(path: String, reason: String)
    /// A configuration file with a value that makes no sense or is not supported.
    case badConfiguration(file: String, reason: String)
    /// A file could not be written.
    case unwritable(file: String, reason: String)

    public var summary: String {
        switch self {
        case .notFound(let path):
            "There is no model at \(printable(path))"
        case .unreadable(let file, let reason):
            "\(printable(file)) cannot be read: \(printable(reason))"
        case .pickled(let file):
            "\(printable(file)) is a Python pickle, not safetensors"
        case .malformed(let file, let reason):
            "\(printable(file)) is not a valid safetensors file: \(printable(reason))"
        case .badTensor(let file, let tensor, let reason):
            "\(printable(file)): tensor \(printable(tensor, limit: 200)) \(printable(reason))"
        case .mismatch(let mismatch):
            mismatch.summary
        case .notAModel(let path, let reason):
            "\(printable(path)) is not a model that can be used here: \(printable(reason))"
        case .badConfiguration(let file, let reason):
            "\(printable(file)): \(printable(reason))"
        case .unwritable(let file, let reason):
            "\(printable(file)) cannot be written: \(printable(reason))"
        }
    }

    public var hint: String? {
        switch self {
        case .notFound:
            "give a diffusers folder, a .safetensors file or a name that `latent models` lists"
        case .pickled:
            "a pickle can run any code when it is opened, so it is never read; convert it with "
                + "`python -c \"import torch, safetensors.torch as s; d = torch.load('in.ckpt', "
                + "weights_only=True); s.save_file({k: v.contiguous() for k, v in "
                + "d.get('state_dict', d).items() if hasattr(v, 'shape')}, 'out.safetensors')\"`"
        case .malformed, .badTensor:
            "the file is damaged or was not downloaded completely; fetch it again"
        case .mismatch:
            "the file belongs to another model, or is incomplete"
        case .notAModel:
            "a diffusers folder has a model_index.json; a single file ends in .safetensors"
        case .badConfiguration:
            "compare the file with the one that the model was published with"
        case .unreadable, .unwritable:
            "check that the path exists and what its permissions say"
        }
    }
}

/// Missing, surplus and misshapen tensors of one network.
public struct WeightsMismatch: Hashable, Sendable {
    /// A tensor whose shape is not the one that the configuration asks for.
    public struct WrongShape: Hashable, Sendable {
        public let tensor: String
        public let found: [Int]
        public let expected: [Int]
    }

    /// The file or folder.
    public let file: String
    /// Tensors that the network needs and the file lacks.
    public var missing: [String] = []
    /// Tensors of the network that nothing asks for.
    public var surplus: [String] = []
    /// Tensors of another shape.
    public var wrongShapes: [WrongShape] = []

    /// Nothing wrong yet in `file`.
    public init(file: String) {
        self.file = file
    }

    /// Whether every tensor was as expected.
    public var isEmpty: Bool { missing.isEmpty && surplus.isEmpty && wrongShapes.isEmpty }

    /// Counts, and up to five names of each kind.
    public var summary: String {
        var parts: [String] = []
        func add(_ kind: String, _ names: [String]) {
            guard !names.isEmpty else { return }
            let shown = names.prefix(5).map { printable($0, limit: 160) }.joined(separator: ", ")
            let more = names.count > 5 ? ", and \(names.count - 5) more" : ""
            parts.append("\(names.count) \(kind): \(shown)\(more)")
        }
        add("missing", missing)
        add("surplus", surplus)
        add(
            "of the wrong shape",
            wrongShapes.map { "\($0.tensor) is \($0.found), \($0.expected) is needed" })
        return "\(printable(file)): tensors do not fit the model's shape; "
            + parts.joined(separator: "; ")
    }
}
