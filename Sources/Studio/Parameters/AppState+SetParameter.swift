import Generation

extension AppState {
    /// Sets a parameter from text; empty text means the default.
    ///
    /// - Returns: why the value is not accepted, or nil when it was taken.
    public mutating func set(_ parameter: ParameterID, to text: String) -> String? {
        let text = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        let before = parameters
        if let problem = assign(parameter, text) { return problem }
        guard let field = parameter.field, let capabilities = backend?.capabilities else {
            return nil
        }
        let problems = filledRequest.problems(for: capabilities).filter { $0.field == field }
        if let problem = problems.first, !text.isEmpty, before.request != parameters.request {
            parameters = before
            return problem.reason.inStudioWords
        }
        return nil
    }

    private mutating func assign(_ parameter: ParameterID, _ text: String) -> String? {
        switch kind(of: parameter) {
        case .integer(let range, _) where parameter == .seed && text.contains(","):
            let seeds = Self.seeds(text) ?? []
            guard !seeds.isEmpty, seeds.allSatisfy({ $0 <= UInt64(max(0, range.upperBound)) })
            else {
                return "whole numbers from \(range.lowerBound) to \(range.upperBound) are needed"
            }
        case .choice(let choices) where !choices.contains(where: { $0.value == text }):
            if parameter == .size || parameter == .model { break }
            if !text.isEmpty { return "choose one of the list" }
        case .integer(let range, _) where !text.isEmpty:
            guard let number = Int(text), range.contains(number) else {
                return "a whole number from \(range.lowerBound) to \(range.upperBound) is needed"
            }
        case .number(let range, _) where !text.isEmpty:
            guard let number = Double(text), range.contains(number) else {
                return "a number from \(Self.text(range.lowerBound)) to "
                    + "\(Self.text(range.upperBound)) is needed"
            }
        default: break
        }
        return store(parameter, text)
    }

    private mutating func store(_ parameter: ParameterID, _ text: String) -> String? {
        let given = text.isEmpty ? nil : text
        switch parameter {
        case .backend: parameters.request.backend = given ?? parameters.request.backend
        case .model: parameters.request.model = given
        case .style: parameters.request.style = given
        case .size: return storeSize(text)
        case .width: parameters.request.width = Int(text)
        case .height: parameters.request.height = Int(text)
        case .steps: parameters.request.steps = Int(text)
        case .guidance: parameters.request.guidanceScale = Double(text)
        case .sampler: parameters.request.sampler = Sampler(rawValue: text)
        case .schedule: parameters.request.schedule = Schedule(rawValue: text) ?? .default
        case .seedMode: parameters.seed.mode = SeedSetting.Mode(rawValue: text) ?? .random
        case .seed: return storeSeed(text)
        case .count: parameters.count = max(1, Int(text) ?? 1)
        default: return storeCondition(parameter, given)
        }
        return nil
    }

    private mutating func storeCondition(_ parameter: ParameterID, _ text: String?) -> String? {
        let plain = GenerationRequest(prompt: "")
        func number(_ fallback: Double) -> Double { text.flatMap(Double.init) ?? fallback }
        switch parameter {
        case .clipSkip: parameters.request.clipSkip = text.flatMap { Int($0) }
        case .weighting:
            parameters.request.promptWeighting = text.flatMap(PromptWeighting.init) ?? .a1111
        case .guidanceRescale: parameters.request.guidanceRescale = number(plain.guidanceRescale)
        case .guidanceStart: parameters.request.guidanceStart = number(plain.guidanceStart)
        case .guidanceEnd: parameters.request.guidanceEnd = number(plain.guidanceEnd)
        case .featureReuse:
            parameters.request.featureReuse = text.flatMap { Int($0) } ?? plain.featureReuse
        case .noiseSource:
            parameters.request.noiseSource = text.flatMap(NoiseSourceName.init) ?? .torch
        case .variationSeed:
            guard text == nil || text.flatMap({ UInt64($0) }) != nil else {
                return "a whole number from 0 is needed"
            }
            parameters.request.variationSeed = text.flatMap { UInt64($0) }
        case .variationStrength:
            parameters.request.variationStrength = number(plain.variationStrength)
        case .initImage: parameters.request.initImage = text
        case .strength: parameters.request.strength = text.flatMap(Double.init)
        case .maskImage: parameters.request.maskImage = text
        case .maskFeather: parameters.request.maskFeather = text.flatMap { Int($0) } ?? 0
        case .maskPadding: parameters.request.maskPadding = text.flatMap { Int($0) }
        case .refinerStrength: parameters.request.refinerStrength = text.flatMap(Double.init)
        case .outpaint, .hires, .loras, .embeddings, .controls, .imagePrompts, .extras:
            return ParameterText.store(text ?? "", as: parameter, in: &parameters.request)
        case .prompt2: parameters.request.prompt2 = text
        case .negativePrompt2: parameters.request.negativePrompt2 = text
        case .tiling: parameters.request.tiling = text.flatMap(TilingMode.init) ?? .none
        case .precision: parameters.request.precision = text.flatMap(Precision.init)
        case .safety: parameters.request.safety = text.flatMap(SafetyMode.init) ?? .off
        case .safetyChecker: parameters.request.safetyChecker = text
        case .aestheticScore: parameters.request.aestheticScore = text.flatMap(Double.init)
        case .negativeAestheticScore:
            parameters.request.negativeAestheticScore = text.flatMap(Double.init)
        case .vae: parameters.request.vae = text
        case .refiner:
            parameters.request.refiner = text
            if text == nil, isLocal {
                parameters.request.aestheticScore = nil
                parameters.request.negativeAestheticScore = nil
            }
        case .highNoiseFraction:
            parameters.request.highNoiseFraction = number(plain.highNoiseFraction)
        default: break
        }
        if parameters.request.initImage == nil {
            parameters.request.strength = nil
            parameters.request.maskImage = nil
            parameters.request.outpaint = nil
        }
        dropDependents()
        return nil
    }

    /// Takes away what has no meaning without another field.
    private mutating func dropDependents() {
        if parameters.request.maskImage == nil {
            parameters.request.maskPadding = nil
            if parameters.request.outpaint == nil { parameters.request.maskFeather = 0 }
        }
        guard parameters.request.refiner == nil else {
            if isLocal, parameters.request.refinerStrength != nil {
                parameters.request.reset(.highNoiseFraction)
            }
            return
        }
        parameters.request.refinerStrength = nil
        // Services have refiners of their own.
        if isLocal { parameters.request.reset(.highNoiseFraction) }
    }

    private mutating func storeSize(_ text: String) -> String? {
        guard !text.isEmpty else {
            parameters.request.width = nil
            parameters.request.height = nil
            return nil
        }
        let parts = text.lowercased().split { $0 == "x" || $0 == "×" }.map { Int($0) }
        guard parts.count == 2, let width = parts[0], let height = parts[1],
            [width, height].allSatisfy({ $0 % 8 == 0 && (64...16384).contains($0) })
        else { return "width x height in multiples of 8 is needed, such as 832x1216" }
        parameters.request.width = width
        parameters.request.height = height
        return nil
    }

    private mutating func storeSeed(_ text: String) -> String? {
        if text.isEmpty {
            parameters.seed.mode = .random
            return nil
        }
        if text.contains(",") {
            guard let seeds = Self.seeds(text) else {
                return "whole numbers are needed, such as 7, 12, 99"
            }
            parameters.seed = SeedSetting(exactly: seeds)
            parameters.count = seeds.count
            return nil
        }
        guard let seed = UInt64(text) else {
            return "a whole number from 0 to \(UInt64.max) is needed"
        }
        parameters.seed.value = seed
        if parameters.seed.mode == .random { parameters.seed.mode = .fixed }
        return nil
    }

    /// Seeds between commas; nil when one is no whole number.
    private static func seeds(_ text: String) -> [UInt64]? {
        let parts = text.split(separator: ",").map { part in UInt64(part.filter { $0 != " " }) }
        return parts.contains(nil) ? nil : parts.compactMap { $0 }
    }

    /// Moves a parameter by steps: the next value of a list, a step of a number.
    ///
    /// - Returns: why it cannot be moved, or nil.
    public mutating func adjust(_ parameter: ParameterID, by offset: Int) -> String? {
        let current =
            value(of: parameter).isEmpty
            ? defaultText(parameter) ?? "" : value(of: parameter)
        switch kind(of: parameter) {
        case .choice(let all):
            let choices = all.filter { $0.value != Self.typedPathValue }
            guard !choices.isEmpty else { return nil }
            let index =
                choices.firstIndex { $0.value == value(of: parameter) }
                ?? choices.firstIndex { $0.value == current } ?? 0
            let next = (index + offset + choices.count) % choices.count
            return set(parameter, to: choices[next].value)
        case .integer(let range, let step):
            let typed = parameter == .seed ? String(parameters.seed.value) : current
            let number = Int(typed) ?? range.lowerBound
            let moved = offset > 0 ? (number / step + 1) * step : ((number - 1) / step) * step
            return set(parameter, to: String(min(range.upperBound, max(range.lowerBound, moved))))
        case .number(let range, let step):
            let number = (Double(current) ?? range.lowerBound) + Double(offset) * step
            return set(
                parameter, to: Self.text(min(range.upperBound, max(range.lowerBound, number))))
        case .text where parameter == .seed || parameter == .variationSeed:
            let number = parameter == .seed ? parameters.seed.value : UInt64(current) ?? 0
            return set(
                parameter, to: String(offset > 0 ? number &+ 1 : number &- (number > 0 ? 1 : 0)))
        case .text: return nil
        }
    }
}
