import Generation

extension AppState {
    /// How `parameter` is changed with the chosen backend.
    public func kind(of parameter: ParameterID) -> ParameterKind {
        if let field = parameter.field, let capabilities = backend?.capabilities {
            switch capabilities.support(for: field) {
            case .choices(let names) where parameter != .model:
                return .choice(withDefault(parameter, names.map { .init(value: $0) }))
            case .integers(let minimum, let maximum, let step) where minimum <= maximum:
                return .integer(minimum...maximum, step: max(step, naturalStep(parameter)))
            case .numbers(let minimum, let maximum) where minimum <= maximum:
                return .number(minimum...maximum, step: numberStep(parameter))
            default: break
            }
        }
        return generalKind(of: parameter)
    }

    private func generalKind(of parameter: ParameterID) -> ParameterKind {
        switch parameter {
        case .backend: .choice(backends.map { .init(value: $0.id) })
        case .model: modelKind
        case .style:
            .choice(
                [.init(value: "", title: "none")]
                    + library.styles.map { .init(value: $0.name, detail: $0.summary) })
        case .size: .choice(SizePresets.choices(side: backend?.defaults?.width ?? 1024))
        case .width, .height: .integer(64...16384, step: naturalStep(parameter))
        case .steps: .integer(1...1000, step: 1)
        case .count: .integer(1...max(1, backend?.capabilities?.maximumCount ?? 64), step: 1)
        case .clipSkip: .integer(1...12, step: 1)
        case .maskFeather: .integer(0...256, step: 4)
        case .maskPadding: .integer(0...1024, step: 8)
        case .guidance: .number(0...100, step: numberStep(parameter))
        case .featureReuse: .integer(1...100, step: 1)
        case .guidanceRescale, .variationStrength, .strength, .highNoiseFraction, .refinerStrength,
            .guidanceStart, .guidanceEnd:
            .number(0...1, step: numberStep(parameter))
        case .aestheticScore, .negativeAestheticScore:
            .number(0...10, step: numberStep(parameter))
        case .sampler:
            .choice(withDefault(parameter, Sampler.allCases.map { .init(value: $0.rawValue) }))
        case .schedule: .choice(Schedule.allCases.map { .init(value: $0.rawValue) })
        case .seedMode: .choice(SeedSetting.Mode.allCases.map { .init(value: $0.rawValue) })
        case .weighting: .choice(PromptWeighting.allCases.map { .init(value: $0.rawValue) })
        case .noiseSource: .choice(NoiseSourceName.allCases.map { .init(value: $0.rawValue) })
        case .tiling: .choice(TilingMode.allCases.map { .init(value: $0.rawValue) })
        case .safety: .choice(SafetyMode.allCases.map { .init(value: $0.rawValue) })
        case .precision:
            .choice(withDefault(parameter, Precision.allCases.map { .init(value: $0.rawValue) }))
        case .seed, .variationSeed, .initImage, .maskImage, .outpaint, .hires, .vae, .refiner,
            .loras, .safetyChecker,
            .embeddings, .controls, .imagePrompts, .extras, .prompt2, .negativePrompt2:
            .text
        }
    }

    private var modelKind: ParameterKind {
        let models = backend?.models ?? []
        guard !models.isEmpty else { return .text }
        let path = isLocal ? [typedPath] : []
        let own = isLocal ? "the embedded model" : ""
        return .choice(
            [.init(value: "", title: "default", detail: own)] + models.map { .init(value: $0) }
                + path)
    }

    /// The last line of the list of models: a file or folder that has no name yet.
    private var typedPath: ParameterKind.Choice {
        .init(value: Self.typedPathValue, title: "…", detail: "type a path")
    }

    /// Stands for a path that is typed; no model is called so.
    static let typedPathValue = "\u{0}"

    /// Whether the engine that comes with the program is chosen.
    var isLocal: Bool { parameters.request.backend == GenerationRequest.localBackend }

    /// Puts "default" in front where the field may be left to the backend.
    private func withDefault(
        _ parameter: ParameterID, _ choices: [ParameterKind.Choice]
    ) -> [ParameterKind.Choice] {
        switch parameter {
        case .sampler, .precision, .style:
            let own = defaultText(parameter)
            return [.init(value: "", title: "default", detail: own ?? "")] + choices
        default: return choices
        }
    }

    private func naturalStep(_ parameter: ParameterID) -> Int {
        guard parameter == .width || parameter == .height else { return 1 }
        return (backend?.defaults?.width ?? 1024) >= 512 ? 64 : 8
    }

    private func numberStep(_ parameter: ParameterID) -> Double {
        [.guidance, .aestheticScore, .negativeAestheticScore].contains(parameter) ? 0.5 : 0.05
    }

    /// Why the parameter has no effect with the chosen backend; nil when it has.
    public func reason(against parameter: ParameterID) -> String? {
        if parameter == .seed, parameters.seed.mode == .random { return "drawn for each run" }
        if [.strength, .maskImage, .outpaint].contains(parameter),
            parameters.request.initImage == nil
        {
            return "needs a starting picture"
        }
        if parameter == .maskFeather, parameters.request.maskImage == nil,
            parameters.request.outpaint == nil
        {
            return "needs a mask or outpainting"
        }
        if parameter == .maskPadding, parameters.request.maskImage == nil { return "needs a mask" }
        if parameter == .safetyChecker, parameters.request.safety == .off { return "safety is off" }
        if parameter == .highNoiseFraction, isLocal, parameters.request.refiner != nil,
            parameters.request.refinerStrength != nil
        {
            return "the refiner comes last"
        }
        if parameters.request.refiner == nil {
            if [.highNoiseFraction, .refinerStrength].contains(parameter) {
                return "needs a refiner"
            }
            // A model that was chosen may be a refiner itself.
            if [.aestheticScore, .negativeAestheticScore].contains(parameter), isLocal,
                parameters.request.model == nil
            {
                return "needs a refiner"
            }
        }
        guard let field = parameter.field, field != .backend,
            field != .model || parameters.request.model == nil,
            field != .style, let capabilities = backend?.capabilities,
            case .unsupported(let reason) = capabilities.support(for: field)
        else { return nil }
        return reason
    }

    /// What a backend that knows one value only takes where nothing else was asked for.
    func onlyChoice(of parameter: ParameterID) -> String? {
        guard let field = parameter.field, !parameters.request.isGiven(field),
            case .choices(let names)? = backend?.capabilities?.support(for: field),
            names.count == 1, field != .backend, field != .model
        else { return nil }
        return names[0]
    }

    /// The backend's default in words; nil where it has none or is not known.
    func defaultText(_ parameter: ParameterID) -> String? {
        guard let defaults = backend?.defaults else { return nil }
        switch parameter {
        case .width: return String(defaults.width)
        case .height: return String(defaults.height)
        case .size: return "\(defaults.width)x\(defaults.height)"
        case .steps: return String(defaults.steps)
        case .guidance: return Self.text(defaults.guidanceScale)
        case .sampler: return defaults.sampler?.rawValue
        case .precision: return defaults.precision?.rawValue
        case .strength: return Self.text(defaults.strength)
        case .clipSkip: return String(defaults.clipSkip)
        default: return nil
        }
    }

    /// The value as it is typed and stored; empty: the default.
    public func value(of parameter: ParameterID) -> String {
        let request = parameters.request
        switch parameter {
        case .size:
            guard request.width != nil || request.height != nil else { return "" }
            let filled = filledRequest
            return "\(filled.width ?? 0)x\(filled.height ?? 0)"
        case .seedMode: return parameters.seed.mode.rawValue
        case .seed:
            guard parameters.seed.isList(of: parameters.count) else {
                return String(parameters.seed.value)
            }
            return parameters.seed.list.map { String($0) }.joined(separator: ", ")
        case .count: return String(parameters.count)
        case .guidance, .guidanceRescale, .variationStrength, .strength, .highNoiseFraction,
            .refinerStrength, .guidanceStart, .guidanceEnd, .aestheticScore,
            .negativeAestheticScore:
            guard let field = parameter.field, case .number(let number) = request.value(of: field)
            else { return "" }
            return Self.text(number)
        case .outpaint, .hires, .loras, .embeddings, .controls, .imagePrompts, .extras:
            return ParameterText.text(of: parameter, in: request)
        default:
            return parameter.field.map { request.value(of: $0).description } ?? ""
        }
    }

    /// A number with as few digits as it needs.
    static func text(_ number: Double) -> String {
        let rounded = (number * 1000).rounded() / 1000
        return rounded == rounded.rounded() && abs(rounded) < 1e9
            ? String(Int(rounded)) : String(rounded)
    }
}
