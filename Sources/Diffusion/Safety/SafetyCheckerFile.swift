import Foundation

/// Opens safety checkers: diffusers folders with `config.json` and safetensors weights.
enum SafetyCheckerFile {
    /// What a model's folder calls its own checker.
    static let folderName = "safety_checker"

    /// The checker at `url`, understood, no weight read yet.
    ///
    /// - Throws: ``WeightsError`` that says what it is instead.
    static func open(
        _ url: URL
    ) throws(WeightsError) -> Checkpoint.Network<SafetyCheckerConfiguration> {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw .notFound(path: url.path)
        }
        guard isFolder.boolValue else {
            throw .notAModel(
                path: url.path,
                reason: "a safety checker is a folder with config.json and its weights")
        }
        let file = try ConfigurationFile(url.appendingPathComponent("config.json"))
        let tensors = try WeightFiles.index(of: url).renamed { name in
            // Two wrappers stand around the encoder; transformers 5 has one of them.
            var rest = name[...]
            while rest.hasPrefix("vision_model.") { rest = rest.dropFirst("vision_model.".count) }
            return String(rest)
        }
        return .init(configuration: try .init(file, tensors), tensors: tensors)
    }

    /// The checker in a model's folder, nil when there is none.
    static func inside(model path: String) -> URL? {
        let url = URL(fileURLWithPath: path).appendingPathComponent(folderName)
        let config = url.appendingPathComponent("config.json")
        return FileManager.default.fileExists(atPath: config.path) ? url : nil
    }
}
