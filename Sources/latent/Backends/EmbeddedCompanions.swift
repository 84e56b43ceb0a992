import Diffusion
import Foundation
import Settings

/// What ships beside the embedded model: LoRAs, textual inversions and ControlNets that fit it and
/// no other, known by the names of their files.
enum EmbeddedCompanions {
    /// Told by their tensors, not by their names; empty where none were installed.
    static let entries: [ModelCatalog.Entry] = {
        let locator = ResourceLocator(target: "EmbeddedModel")
        guard let about = locator.url(for: "Companions/README.md") else { return [] }
        let folder = about.deletingLastPathComponent()
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().compactMap { name in
            let url = folder.appendingPathComponent(name)
            guard let kind = kind(of: url) else { return nil }
            let own = url.pathExtension == "safetensors" ? url.deletingPathExtension() : url
            return ModelCatalog.Entry(
                name: own.lastPathComponent, kind: kind, path: url.path, isAdded: false)
        }
    }()

    /// The place of a name; nil when nothing has it.
    static func resolve(_ name: String, kind: ModelCatalog.Kind? = nil) -> URL? {
        entries.first { $0.name == name && (kind == nil || $0.kind == kind) }
            .map { URL(fileURLWithPath: $0.path) }
    }

    private static func kind(of url: URL) -> ModelCatalog.Kind? {
        if FileManager.default.fileExists(atPath: url.appendingPathComponent("config.json").path) {
            return .controlnet
        }
        switch AdapterSummary.kind(of: url) {
        case .lora: return .lora
        case .embedding: return .embedding
        case nil: return nil
        }
    }
}
