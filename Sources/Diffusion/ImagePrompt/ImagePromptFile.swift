import Foundation

/// Opens IP-Adapters with the picture encoder that they were trained with.
enum ImagePromptFile {
    /// An adapter and its encoder, understood, no weight read yet.
    struct Opened: Sendable {
        let url: URL
        let adapter: Checkpoint.Network<ImagePromptConfiguration>
        let encoder: Checkpoint.Network<CLIPVisionConfiguration>
    }

    /// The adapter at `url`: a `.safetensors` file, or a folder with one.
    ///
    /// - Throws: ``WeightsError`` that says what is missing.
    static func open(_ url: URL) throws(WeightsError) -> Opened {
        let path = try file(at: url)
        let file = try SafetensorsFile(path: path.path)
        let index = try TensorIndex(source: path.path, files: [file])
        let configuration = try ImagePromptConfiguration.infer(from: index)
        return Opened(
            url: path, adapter: .init(configuration: configuration, tensors: index),
            encoder: try encoder(for: configuration, beside: path))
    }

    private static func file(at url: URL) throws(WeightsError) -> URL {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw .notFound(path: url.path)
        }
        guard isFolder.boolValue else { return url }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        let files = names.filter { $0.hasSuffix(".safetensors") }.sorted()
        guard let name = files.first, files.count == 1 else {
            throw .notAModel(
                path: url.path,
                reason: files.isEmpty
                    ? "it has no .safetensors adapter"
                    : "it has \(files.count) adapters; name one of the files")
        }
        return url.appendingPathComponent(name)
    }

    /// The encoder lies in `image_encoder` beside the adapter, or in the `models` folder next to
    /// the adapter's own, where the published collection has a second one.
    private static func encoder(
        for configuration: ImagePromptConfiguration, beside adapter: URL
    ) throws(WeightsError) -> Checkpoint.Network<CLIPVisionConfiguration> {
        let folder = adapter.deletingLastPathComponent()
        let candidates = [
            folder.appendingPathComponent("image_encoder"),
            folder.deletingLastPathComponent().appendingPathComponent("image_encoder"),
            folder.deletingLastPathComponent().appendingPathComponent("models/image_encoder"),
        ]
        let needed = configuration.tokens.inputs
        var found: [Int] = []
        for candidate in candidates {
            let file = candidate.appendingPathComponent("config.json")
            guard FileManager.default.fileExists(atPath: file.path) else { continue }
            let shape = try CLIPVisionConfiguration(ConfigurationFile(file))
            var width = shape.hiddenSize
            if case .vector = configuration.tokens { width = shape.projectionSize }
            guard width == needed else {
                found.append(width)
                continue
            }
            let index = try WeightFiles.index(of: candidate)
            let own = index.renamed {
                $0.hasPrefix("vision_model.") ? String($0.dropFirst("vision_model.".count)) : $0
            }
            return Checkpoint.Network(configuration: shape, tensors: own)
        }
        let widths = found.map(String.init).joined(separator: " and ")
        throw .notAModel(
            path: adapter.path,
            reason: found.isEmpty
                ? "its picture encoder is missing; put it into \(candidates[0].path)"
                : "it needs a picture encoder \(needed) wide, and those beside it are \(widths)")
    }
}
