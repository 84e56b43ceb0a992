import Generation
import Settings

/// What each service can do, as the table of the README: made from the capabilities alone.
public enum ServiceTable {
    /// A Markdown table, one line a service.
    public static func markdown(_ services: [any RemoteService] = ServiceRegistry.services)
        -> String
    {
        let heads = [
            "`--backend`", "service", "pictures", "size", "steps", "guidance", "seed", "from",
            "steering", "own fields", "while it works", "key",
        ]
        var lines = [row(heads), row(heads.map { _ in "---" })]
        lines += services.map { row(cells($0)) }
        return lines.joined(separator: "\n")
    }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }

    private static func cells(_ service: any RemoteService) -> [String] {
        let capabilities = service.capabilities(model: nil)
        return [
            "`\(service.profile.kind.rawValue)`", service.profile.title,
            String(capabilities.maximumCount), size(capabilities),
            range(capabilities.support(for: .steps)),
            range(capabilities.support(for: .guidanceScale)), seed(capabilities),
            list(
                capabilities,
                [(.initImage, "picture"), (.maskImage, "mask"), (.outpaint, "outpaint")]),
            list(
                capabilities,
                [
                    (.negativePrompt, "negative"), (.model, "model"), (.loras, "LoRA"),
                    (.embeddings, "embedding"), (.controls, "ControlNet"),
                    (.imagePrompts, "IP-Adapter"), (.refiner, "refiner"), (.sampler, "sampler"),
                    (.hires, "hires"), (.tiling, "tiling"),
                ]),
            capabilities.extras.isEmpty ? "" : String(capabilities.extras.count),
            abilities(capabilities), key(service),
        ]
    }

    private static func size(_ capabilities: GeneratorCapabilities) -> String {
        if capabilities.sizes.count == 1 { return capabilities.sizes[0].description }
        if !capabilities.sizes.isEmpty { return "\(capabilities.sizes.count) pairs" }
        return range(capabilities.support(for: .width))
    }

    private static func range(_ support: FieldSupport) -> String {
        switch support {
        case .any: "any"
        case .integers(let minimum, let maximum, _):
            minimum == maximum ? "\(minimum)" : "\(minimum)-\(maximum)"
        case .numbers(let minimum, let maximum): "\(short(minimum))-\(short(maximum))"
        case .choices(let names): "\(names.count) choices"
        case .unsupported: "-"
        }
    }

    private static func short(_ number: Double) -> String {
        if let whole = Int(exactly: number) { return String(whole) }
        return number < 0.001 ? "0" : String(number)
    }

    private static func seed(_ capabilities: GeneratorCapabilities) -> String {
        guard capabilities.support(for: .seeds).isSupported else { return "-" }
        return capabilities.repeatability == .exact ? "exact" : "yes"
    }

    private static func list(
        _ capabilities: GeneratorCapabilities, _ fields: [(RequestField, String)]
    ) -> String {
        let names = fields.filter { capabilities.support(for: $0.0).isSupported }.map(\.1)
        return names.isEmpty ? "-" : names.joined(separator: ", ")
    }

    private static func abilities(_ capabilities: GeneratorCapabilities) -> String {
        let all = [
            ("progress", capabilities.reportsProgress), ("previews", capabilities.sendsPreviews),
            ("stop", capabilities.canCancel), ("fetch later", capabilities.canResume),
            ("webhook", capabilities.takesWebhook), ("credits", capabilities.reportsCredits),
        ]
        let names = all.filter(\.1).map(\.0)
        return names.isEmpty ? "-" : names.joined(separator: ", ")
    }

    private static func key(_ service: any RemoteService) -> String {
        guard let variable = service.profile.kind.keyVariable else { return "-" }
        return service.profile.needsKey ? "`\(variable)`" : "`\(variable)` if any"
    }
}
