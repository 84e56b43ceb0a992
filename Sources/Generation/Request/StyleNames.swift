/// What services call their own styles, and which of ours is nearest: the one table through which
/// such a name goes from a service to another, or to a style that is expanded here.
public enum StyleNames {
    struct Row {
        /// Our style of `presets/`.
        let own: String
        /// The value of `style_preset` at OctoAI.
        let octoAI: String
        /// The name that services with Stability's list use.
        let stability: String
    }

    static let rows: [Row] = [
        Row(own: "natural-light", octoAI: "photographic", stability: "photographic"),
        Row(own: "still-frame", octoAI: "cinematic", stability: "cinematic"),
        Row(own: "film-grain", octoAI: "analog-film", stability: "analog-film"),
        Row(own: "cel", octoAI: "anime", stability: "anime"),
        Row(own: "comic", octoAI: "comic-book", stability: "comic-book"),
        Row(own: "concept-art", octoAI: "digital-art", stability: "digital-art"),
        Row(own: "clay", octoAI: "Craft Clay", stability: "craft-clay"),
        Row(own: "isometric", octoAI: "isometric", stability: "isometric"),
        Row(own: "ink-line", octoAI: "line-art", stability: "line-art"),
        Row(own: "low-poly", octoAI: "low-poly", stability: "lowpoly"),
        Row(own: "neon", octoAI: "neon-punk", stability: "neonpunk"),
        Row(own: "pixel-art", octoAI: "pixel-art", stability: "pixel-art"),
        Row(own: "watercolour", octoAI: "Watercolor", stability: "watercolor"),
        Row(own: "stained-glass", octoAI: "Stained Glass", stability: "stained-glass"),
        Row(own: "paper-cut", octoAI: "Flat Papercut", stability: "papercut"),
        Row(own: "abstract", octoAI: "Abstract", stability: "abstract"),
    ]

    /// The fields in which services take a style of their own.
    static let fields = ["style", "style_preset"]

    private static func normalised(_ name: String) -> String {
        String(name.lowercased().filter { !" -_".contains($0) })
    }

    private static func row(_ name: String) -> Row? {
        let wanted = normalised(name)
        return rows.first { row in
            [row.own, row.octoAI, row.stability].contains { normalised($0) == wanted }
        }
    }

    /// What a service calls a style that another one calls `name`; nil when it has none like it.
    static func name(_ name: String, for field: ExtraField) -> String? {
        if case .choices(let known) = field.kind {
            let candidates = [name] + (row(name).map { [$0.octoAI, $0.stability, $0.own] } ?? [])
            let wanted = candidates.map(normalised)
            for name in wanted {
                if let found = known.first(where: { normalised($0) == name }) { return found }
            }
            return nil
        }
        return row(name)?.stability
    }

    /// Our style that is nearest to one of a service.
    static func own(_ name: String) -> String? { row(name)?.own }
}

extension GenerationRequest {
    /// Gives a service's own style the name and the field that another backend has for it. A backend
    /// without such a field gets the nearest of our styles, which is expanded here, unless one is
    /// chosen already.
    ///
    /// - Returns: what was changed, in words; nil when nothing was.
    @discardableResult
    public mutating func translateStyle(for capabilities: GeneratorCapabilities) -> String? {
        let known = Set(capabilities.extras.map(\.name))
        let foreign = StyleNames.fields.first { extras[$0] != nil && !known.contains($0) }
        guard let field = foreign, let name = extras[field]
        else { return nil }
        if let target = capabilities.extras.first(where: { StyleNames.fields.contains($0.name) }),
            let translated = StyleNames.name(name, for: target)
        {
            extras[field] = nil
            extras[target.name] = translated
            return "\(field) \(name) is \(target.name) \(translated) there"
        }
        guard style == nil, let own = StyleNames.own(name) else { return nil }
        extras[field] = nil
        style = own
        return "\(field) \(name) is our style \(own) there"
    }
}
