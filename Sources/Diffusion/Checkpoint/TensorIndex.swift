import Foundation

/// The tensors of one network under diffusers' names, wherever they lie.
struct TensorIndex: Sendable {
    /// The file or folder, for messages.
    let source: String
    /// Weights by canonical name.
    private(set) var tensors: [String: CheckpointTensor] = [:]
    /// The files that hold them, in order of first use.
    private(set) var files: [URL] = []

    /// An index without tensors.
    init(source: String) {
        self.source = source
    }

    /// Every tensor of `files` under its own name.
    ///
    /// - Throws: ``WeightsError`` when two files hold a tensor of the same name.
    init(source: String, files: [SafetensorsFile]) throws(WeightsError) {
        self.source = source
        for file in files {
            for entry in file.entries.values {
                guard tensors[entry.name] == nil else {
                    throw .badTensor(
                        file: file.path, tensor: entry.name, reason: "is also in another shard")
                }
                tensors[entry.name] = CheckpointTensor(file: file, entry: entry)
            }
            self.files.append(URL(fileURLWithPath: file.path))
        }
    }

    /// The weight of that name.
    subscript(name: String) -> CheckpointTensor? { tensors[name] }

    /// All names.
    var names: Dictionary<String, CheckpointTensor>.Keys { tensors.keys }

    /// The shape of the weight of that name.
    func shape(_ name: String) -> [Int]? { tensors[name]?.shape }

    /// How many consecutive numbers from 0 follow `prefix` in the names (`down_blocks.0.`, ...).
    func count(_ prefix: String) -> Int {
        var numbers: Set<Int> = []
        for name in tensors.keys where name.hasPrefix(prefix) {
            if let number = Int(name.dropFirst(prefix.count).prefix { $0 != "." }) {
                numbers.insert(number)
            }
        }
        var count = 0
        while numbers.contains(count) { count += 1 }
        return count
    }

    /// Whether any name starts so.
    func contains(prefix: String) -> Bool {
        tensors.keys.contains { $0.hasPrefix(prefix) }
    }

    /// Adds or replaces a weight.
    mutating func insert(_ tensor: CheckpointTensor, as name: String) {
        tensors[name] = tensor
        let url = URL(fileURLWithPath: tensor.file.path)
        if !files.contains(url) { files.append(url) }
    }

    /// The same weights with LoRAs' changes on top; names that are not there are left out.
    func patched(_ patches: [String: [WeightPatch]]) -> TensorIndex {
        var result = self
        for (name, list) in patches { result.tensors[name]?.patches += list }
        return result
    }

    /// An index whose names `rename` gives; nil leaves a tensor out.
    func renamed(_ rename: (String) -> String?) -> TensorIndex {
        var result = TensorIndex(source: source)
        for (name, tensor) in tensors {
            if let newName = rename(name) { result.insert(tensor, as: newName) }
        }
        return result
    }

    /// The part of the index below `prefix`, without it.
    func below(_ prefix: String) -> TensorIndex {
        renamed { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
    }
}
