import Foundation

/// The models that are known by name: what lies in the data folder's `models`, and paths that were
/// added.
///
/// `models/NAME` (a diffusers folder) and `models/NAME.safetensors` are checkpoints; the folders
/// `loras`, `embeddings`, `controlnets`, `ip-adapters`, `vaes` and `safety-checkers` in it
/// hold the other kinds. Added
/// paths are listed in `models/added.json`; an added folder of LoRAs or embeddings stands for all
/// that lie in it.
public struct ModelCatalog: Sendable {
    /// What a model is used as.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        case checkpoint
        case lora
        case embedding
        case controlnet
        case ipAdapter = "ip-adapter"
        case vae
        case safetyChecker = "safety-checker"

        /// The folder inside `models` that holds them; nil for checkpoints, which lie at its top.
        var folder: String? { self == .checkpoint ? nil : rawValue + "s" }
    }

    /// A model with a name.
    public struct Entry: Codable, Hashable, Sendable {
        public var name: String
        public var kind: Kind
        /// The folder or file.
        public var path: String
        /// Whether it was added by its path, and so can be taken off the list.
        public var isAdded: Bool

        /// An entry of a list.
        public init(name: String, kind: Kind, path: String, isAdded: Bool) {
            self.name = name
            self.kind = kind
            self.path = path
            self.isAdded = isAdded
        }
    }

    /// The folder `models`.
    public let folder: URL

    /// The catalog in the given folders.
    public init(folders: Folders) {
        folder = folders.models
    }

    private var listFile: URL { folder.appendingPathComponent("added.json") }

    /// Every entry, by kind and name. Added ones hide others of the same kind and name.
    public var entries: [Entry] {
        var byKey: [String: Entry] = [:]
        for kind in Kind.allCases {
            for entry in found(kind) { byKey[kind.rawValue + "/" + entry.name] = entry }
        }
        let added = added
        for entry in added {
            for inner in contents(of: entry) ?? [] {
                let key = inner.kind.rawValue + "/" + inner.name
                if byKey[key] == nil { byKey[key] = inner }
            }
        }
        for entry in added where contents(of: entry) == nil {
            byKey[entry.kind.rawValue + "/" + entry.name] = entry
        }
        return byKey.values.sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
    }

    /// The models in an added folder of LoRAs or embeddings; nil where the entry is a model itself.
    public func contents(of entry: Entry) -> [Entry]? {
        let url = URL(fileURLWithPath: entry.path)
        guard Self.isCollection(url, of: entry.kind) else { return nil }
        return Self.models(of: entry.kind, in: url)
    }

    /// The place of a name; nil when nobody knows it.
    public func resolve(_ name: String, kind: Kind? = nil) -> URL? {
        entries.first { $0.name == name && (kind == nil || $0.kind == kind) }
            .map { URL(fileURLWithPath: $0.path) }
    }

    /// Where every model of a kind lies, by name.
    public func places(of kind: Kind) -> [(name: String, url: URL)] {
        entries.filter { $0.kind == kind }.map { ($0.name, URL(fileURLWithPath: $0.path)) }
    }

    /// Puts a path on the list, under its own name unless told otherwise.
    ///
    /// - Throws: ``ModelCatalogError``.
    public func add(_ path: String, name: String? = nil, kind: Kind = .checkpoint) throws -> Entry {
        let url = URL(fileURLWithPath: (path as NSString).expandingTildeInPath).standardizedFileURL
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw ModelCatalogError.notFound(path)
        }
        let entry = Entry(
            name: name ?? Self.name(of: url), kind: kind, path: url.path, isAdded: true)
        guard !entry.name.isEmpty, !entry.name.contains("/") else {
            throw ModelCatalogError.badName(entry.name)
        }
        if let contents = contents(of: entry), contents.isEmpty {
            throw ModelCatalogError.emptyFolder(path)
        }
        if let other = added.first(where: { $0.name == entry.name && $0.kind == kind }),
            other.path != entry.path
        {
            throw ModelCatalogError.nameTaken(entry.name, by: other.path)
        }
        try save(added.filter { $0.name != entry.name || $0.kind != kind } + [entry])
        return entry
    }

    /// Takes an added path off the list; its files stay.
    ///
    /// - Throws: ``ModelCatalogError``.
    public func remove(_ name: String) throws -> Entry {
        guard let entry = added.first(where: { $0.name == name || $0.path == name }) else {
            throw entries.contains { $0.name == name }
                ? ModelCatalogError.notAdded(name) : ModelCatalogError.unknown(name)
        }
        try save(added.filter { $0 != entry })
        return entry
    }

    /// What lies in the folder of a kind.
    private func found(_ kind: Kind) -> [Entry] {
        Self.models(
            of: kind, in: kind.folder.map { folder.appendingPathComponent($0) } ?? folder)
    }

    private var added: [Entry] {
        guard let data = try? Data(contentsOf: listFile) else { return [] }
        return (try? JSONDecoder().decode([Entry].self, from: data)) ?? []
    }

    private func save(_ entries: [Entry]) throws {
        do {
            try Folders.create(folder)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(entries).write(to: listFile, options: .atomic)
        } catch {
            throw ModelCatalogError.notSaved(listFile.path)
        }
    }
}
