import Foundation

extension ModelCatalog {
    /// Whether a path that was added holds models of the kind instead of being one: a folder of LoRAs
    /// or embeddings, as other programs keep them.
    static func isCollection(_ url: URL, of kind: Kind) -> Bool {
        kind.isSorted && isFolder(url) && !isModel(url, kind)
    }

    /// The models of a kind in a folder; LoRAs and embeddings also from the folders inside it.
    static func models(of kind: Kind, in place: URL, depth: Int = 0) -> [Entry] {
        let reserved = Set(Kind.allCases.compactMap(\.folder))
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        var entries: [Entry] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            let url = place.appendingPathComponent(name)
            if kind == .checkpoint, reserved.contains(name) { continue }
            if isModel(url, kind) {
                entries.append(
                    Entry(name: Self.name(of: url), kind: kind, path: url.path, isAdded: false))
            } else if kind.isSorted, depth < deepest, isFolder(url) {
                entries += models(of: kind, in: url, depth: depth + 1)
            }
            guard entries.count < mostModels else { break }
        }
        return entries
    }

    /// Folders deeper than this are not looked into: a link may lead in a circle.
    private static let deepest = 4
    /// More than these in one folder are not listed.
    private static let mostModels = 10_000

    private static func isModel(_ url: URL, _ kind: Kind) -> Bool {
        func holds(_ name: String) -> Bool {
            FileManager.default.fileExists(atPath: url.appendingPathComponent(name).path)
        }
        if url.lastPathComponent.hasSuffix(".safetensors") { return true }
        switch kind {
        case .checkpoint: return holds("model_index.json")
        case .lora:
            return holds("adapter_model.safetensors") || holds("pytorch_lora_weights.safetensors")
        default: return holds("config.json")
        }
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// `style.safetensors` is `style`.
    static func name(of url: URL) -> String {
        url.pathExtension == "safetensors"
            ? url.deletingPathExtension().lastPathComponent : url.lastPathComponent
    }
}

extension ModelCatalog.Kind {
    /// Whether people sort such files into folders.
    fileprivate var isSorted: Bool { self == .lora || self == .embedding }
}
