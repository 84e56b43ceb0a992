import Foundation
import Tensors

/// A LoRA (or LyCORIS, peft) file: its tensors by module, and what its header says.
struct AdapterFile: Sendable {
    /// The tensors that change one module.
    struct Module: Sendable {
        var tensors: [AdapterRole: StoredTensor] = [:]
        /// Their names, for messages.
        var names: [String] = []
    }

    let path: String
    /// The safetensors file itself, where `path` is a folder.
    let weightsPath: String
    /// By the module's name as the file spells it.
    private(set) var modules: [String: Module] = [:]
    /// Tensors whose endings are not known.
    private(set) var unknown: [String] = []
    /// Number of tensors.
    let count: Int
    /// `__metadata__`.
    let metadata: [String: String]
    /// What a peft configuration says about scales.
    let scaling: PeftScaling
    /// Tells this state of the file from others.
    let identity: String

    /// Opens a `.safetensors` file, or a folder as peft saves it.
    ///
    /// - Throws: ``WeightsError`` for a broken container, ``AdapterError``.
    init(_ url: URL) throws {
        let file = try SafetensorsFile(path: Self.weights(of: url).path)
        path = url.path
        weightsPath = file.path
        metadata = file.metadata
        count = file.entries.count
        scaling = try PeftScaling(metadata: file.metadata, beside: URL(fileURLWithPath: file.path))
        identity = Self.identity(of: file.path)
        for entry in file.entries.values.sorted(by: { $0.name < $1.name }) {
            guard let name = AdapterTensorName(entry.name) else {
                unknown.append(entry.name)
                continue
            }
            let tensor = CheckpointTensor(file: file, entry: entry)
            let isFlag = name.role == .inputFlag
            modules[name.module, default: Module()].names.append(entry.name)
            modules[name.module]?.tensors[name.role] =
                isFlag ? tensor.flag : try tensor.stored()
        }
        // A weight alone, without LyCORIS' flag beside it, is no (IA)^3 but a whole model's tensor.
        for (key, module) in modules
        where module.tensors[.scale] != nil && module.tensors[.inputFlag] == nil {
            unknown += module.names
            modules[key] = nil
        }
        let stranger = unknown.first.map { " (one is \($0))" } ?? ""
        moveStrangers()
        guard !modules.isEmpty else {
            throw AdapterError.notAnAdapter(
                file: path, reason: "none of its \(count) tensors is that of a LoRA\(stranger)")
        }
    }

    /// A kind that is not known, such as OFT, has an alpha as the known ones do: a module with
    /// nothing else is not damaged, but unknown.
    private mutating func moveStrangers() {
        func place(_ name: String) -> Substring {
            name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex)
        }
        let strangers = Set(unknown.map(place))
        for (key, module) in modules
        where module.tensors.keys.allSatisfy({ $0 == .alpha }) {
            guard module.names.contains(where: { strangers.contains(place($0)) }) else { continue }
            unknown += module.names
            modules[key] = nil
        }
    }

    private static func weights(of url: URL) throws -> URL {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw AdapterError.notFound(name: url.path)
        }
        guard isFolder.boolValue else { return url }
        for name in ["adapter_model.safetensors", "pytorch_lora_weights.safetensors"] {
            let file = url.appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: file.path) { return file }
        }
        throw AdapterError.notAnAdapter(
            file: url.path, reason: "the folder has no adapter_model.safetensors")
    }

    /// A file's place, date and size.
    static func identity(of path: String) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(path) \(date) \(attributes?[.size] as? Int ?? 0)"
    }
}

extension CheckpointTensor {
    /// A truth value, whatever type it is stored in, as one float.
    fileprivate var flag: StoredTensor {
        StoredTensor(floats: [bytes.contains { $0 != 0 } ? 1 : 0], shape: [1])
    }
}
