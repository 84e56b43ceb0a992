import Generation
import Hashing
import Images

/// What is true today, to be held against what was recorded.
public struct ReplayCircumstances: Sendable {
    /// The request as it ran now.
    public var request: GenerationRequest
    /// This program, build and CPU; nil when a remote backend ran it.
    public var engine: EngineIdentity?
    /// Files that took part now.
    public var files: [FileIdentity]
    /// Hashes that the engine reports now, by role.
    public var modelHashes: [String: String]
    /// What the backend promises.
    public var repeatability: GeneratorCapabilities.Repeatability

    /// Today's circumstances.
    public init(
        request: GenerationRequest, engine: EngineIdentity?, files: [FileIdentity] = [],
        modelHashes: [String: String] = [:],
        repeatability: GeneratorCapabilities.Repeatability
    ) {
        self.request = request
        self.engine = engine
        self.files = files
        self.modelHashes = modelHashes
        self.repeatability = repeatability
    }
}

/// Finds why a picture may differ: the recorded identity against today's.
public enum ReplayReasons {
    /// Reasons, the likeliest first; empty when everything that is recorded is the same.
    public static func find(_ item: ReplayItem, today: ReplayCircumstances) -> [String] {
        var reasons = changedFields(item, today)
        reasons += changedFiles(item, today)
        switch today.repeatability {
        case .none: reasons.append("the backend \(name(today)) cannot repeat a picture")
        case .seeded: reasons.append("the backend \(name(today)) takes a seed but promises nothing")
        case .exact: break
        }
        if let tool = item.tool { reasons.append("it was made by \(tool.title)") }
        reasons += changedEngine(item.engine, today.engine)
        reasons += item.warnings
        return reasons
    }

    private static func name(_ today: ReplayCircumstances) -> String {
        printable(today.request.backend, limit: 60)
    }

    /// Fields that were changed on purpose, then those that the backend resolved otherwise.
    private static func changedFields(
        _ item: ReplayItem, _ today: ReplayCircumstances
    ) -> [String] {
        var reasons = item.changes.map { field in
            "\(field.rawValue) was changed to "
                + printable(item.request.value(of: field).description, limit: 60)
        }
        for change in RequestDiff(from: item.request, to: today.request).changes
        where !change.old.isEmpty && !item.changes.contains(change.field) {
            reasons.append(
                "\(change.field.rawValue) \(printable(change.old, limit: 40)) "
                    + "became \(printable(change.new, limit: 40))")
        }
        return reasons
    }

    /// Model, VAE, LoRAs, initial pictures: by content.
    private static func changedFiles(
        _ item: ReplayItem, _ today: ReplayCircumstances
    ) -> [String] {
        var recorded = item.modelHashes
        for file in item.files { recorded[file.role] = file.sha256 }
        var current = today.modelHashes
        var paths: [String: String] = [:]
        for file in today.files {
            current[file.role] = file.sha256
            paths[file.role] = file.path
        }
        return recorded.sorted { rank($0.key) < rank($1.key) }.compactMap { role, old in
            guard let new = current[role] else {
                return item.changes.isEmpty && !current.isEmpty
                    ? "\(printable(role, limit: 60)) is not there any more" : nil
            }
            // Other tools record a prefix of the hash.
            guard !new.lowercased().hasPrefix(old.lowercased()) else { return nil }
            let place = paths[role].map { " (\(printable($0, limit: 200)))" } ?? ""
            return "\(printable(role, limit: 60)) hash: \(printable(String(old.prefix(10)))) was "
                + "recorded, now \(new.prefix(10))\(place)"
        }
    }

    /// The model first, then the VAE, then the rest by name.
    private static func rank(_ role: String) -> String {
        switch role {
        case "model": "0"
        case "vae": "1"
        default: "2" + role
        }
    }

    private static func changedEngine(
        _ recorded: EngineIdentity?, _ current: EngineIdentity?
    ) -> [String] {
        guard let recorded, let current else { return [] }
        var reasons: [String] = []
        if recorded.build != current.build {
            reasons.append(
                "engine version: \(printable(recorded.program, limit: 40)) "
                    + "build \(printable(recorded.build, limit: 40)), "
                    + "now \(current.program) build \(current.build)")
        }
        let lost = Set(recorded.cpuFeatures).subtracting(current.cpuFeatures).sorted()
        let gained = Set(current.cpuFeatures).subtracting(recorded.cpuFeatures).sorted()
        if !lost.isEmpty || !gained.isEmpty {
            let parts =
                lost.map { "without \(printable($0, limit: 20))" } + gained.map { "with \($0)" }
            reasons.append("CPU features: now " + parts.prefix(8).joined(separator: ", "))
        }
        return reasons
    }
}
