import Foundation

/// Finds the weight files of one network in a diffusers folder.
enum WeightFiles {
    private static let stems = ["diffusion_pytorch_model", "model"]

    /// The tensors of the network in `folder`: one file or several shards, plain names before the
    /// `fp16` variant, because the plain ones lose nothing.
    static func index(of folder: URL) throws(WeightsError) -> TensorIndex {
        for variant in ["", ".fp16"] {
            for stem in stems {
                let file = folder.appendingPathComponent("\(stem)\(variant).safetensors")
                if exists(file) {
                    return try TensorIndex(
                        source: folder.path, files: [SafetensorsFile(path: file.path)])
                }
                for name in [
                    "\(stem).safetensors.index\(variant).json",
                    "\(stem)\(variant).safetensors.index.json",
                ] {
                    let index = folder.appendingPathComponent(name)
                    if exists(index) { return try shards(index, in: folder) }
                }
            }
        }
        try refusePickles(in: folder)
        throw .notAModel(path: folder.path, reason: "it has no .safetensors weights")
    }

    private static func shards(_ url: URL, in folder: URL) throws(WeightsError) -> TensorIndex {
        let file = try ConfigurationFile(url)
        guard case .object(let map)? = file["weight_map"], !map.isEmpty else {
            throw file.bad("weight_map", "must say which file holds which tensor")
        }
        var names: Set<String> = []
        for (tensor, value) in map {
            guard case .string(let name) = value, !name.isEmpty, !name.contains("/"),
                !name.hasPrefix(".")
            else { throw file.bad("weight_map", "has no file name for \(tensor)") }
            names.insert(name)
        }
        guard names.count <= 1000 else { throw file.bad("weight_map", "names too many files") }
        var shards: [SafetensorsFile] = []
        for name in names.sorted() {
            let part = folder.appendingPathComponent(name)
            guard exists(part) else {
                throw .unreadable(
                    file: part.path,
                    reason: "it is not there, and \(url.lastPathComponent) names it as a part of "
                        + "the weights")
            }
            shards.append(try SafetensorsFile(path: part.path))
        }
        let index = try TensorIndex(source: folder.path, files: shards)
        for tensor in map.keys.sorted() where index[tensor] == nil {
            throw .badTensor(
                file: url.path, tensor: tensor, reason: "is listed but in none of the shards")
        }
        return index
    }

    private static func refusePickles(in folder: URL) throws(WeightsError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let pickles = names.filter { name in
            [".bin", ".ckpt", ".pt", ".pth"].contains { name.hasSuffix($0) }
        }
        if let name = pickles.sorted().first {
            throw .pickled(file: folder.appendingPathComponent(name).path)
        }
    }

    private static func exists(_ url: URL) -> Bool {
        FileManager.default.fileExists(atPath: url.path)
    }
}
