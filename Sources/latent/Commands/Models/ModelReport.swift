import Diffusion
import Foundation
import Generation
import Settings

/// What `models show` tells about a checkpoint.
struct ModelReport: Encodable {
    /// A weight file.
    struct File: Encodable {
        let role: String
        let path: String
        let bytes: Int
    }

    let name: String
    let kind: String
    let path: String
    let bytes: Int
    let files: [File]
    /// What a request takes from it; nil for other kinds than checkpoints.
    var defaults: RequestDefaults?

    /// Inspects a checkpoint; no weight is read.
    ///
    /// - Throws: the engine's error when it is none.
    init(checkpoint name: String, at url: URL, engine: DiffusionEngine) async throws {
        var request = GenerationRequest(prompt: "")
        request.model = url.path
        let weights = try await engine.weightFiles(for: request)
        let defaults = try await engine.defaults(for: request)
        self.init(name: name, kind: .checkpoint, path: url.path, weights: weights)
        self.defaults = defaults
    }

    /// Any other kind: its files.
    init(_ entry: ModelCatalog.Entry) {
        self.init(
            name: entry.name, kind: entry.kind, path: entry.path,
            weights: [entry.kind.rawValue: Self.weightFiles(at: entry.path)])
    }

    private init(
        name: String, kind: ModelCatalog.Kind, path: String, weights: [String: [URL]]
    ) {
        self.name = name
        self.kind = kind.rawValue
        self.path = path
        files = weights.sorted { $0.key < $1.key }.flatMap { role, urls in
            urls.map { File(role: role, path: $0.path, bytes: Self.size(of: $0)) }
        }
        bytes = files.reduce(0) { $0 + $1.bytes }
    }

    /// The safetensors files of a file or folder.
    static func weightFiles(at path: String) -> [URL] {
        let url = URL(fileURLWithPath: path)
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            return [url]
        }
        return names.filter { $0.hasSuffix(".safetensors") }.sorted()
            .map { url.appendingPathComponent($0) }
    }

    private static func size(of url: URL) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: url.resolvingSymlinksInPath().path)
        return (attributes?[.size] as? Int) ?? 0
    }
}
