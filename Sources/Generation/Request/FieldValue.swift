/// The value of one field in a form that can be compared, ranged and shown.
public enum FieldValue: Hashable, Sendable, CustomStringConvertible {
    case absent
    case text(String)
    case integer(Int)
    case number(Double)
    /// A list or structure, by its short description.
    case other(String)

    public var description: String {
        switch self {
        case .absent: ""
        case .text(let text): text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        case .other(let description): description
        }
    }
}

extension GenerationRequest {
    /// The value of `field`.
    public func value(of field: RequestField) -> FieldValue {
        switch field {
        case .version: .integer(version)
        case .prompt: .text(prompt)
        case .negativePrompt: .init(negativePrompt)
        case .prompt2: .init(prompt2)
        case .negativePrompt2: .init(negativePrompt2)
        case .expansion: .init(expansion?.prompt)
        case .backend: .text(backend)
        case .model: .init(model)
        case .vae: .init(vae)
        case .refiner: .init(refiner)
        case .highNoiseFraction: .number(highNoiseFraction)
        case .refinerStrength: .init(refinerStrength)
        case .aestheticScore: .init(aestheticScore)
        case .negativeAestheticScore: .init(negativeAestheticScore)
        case .width: .init(width)
        case .height: .init(height)
        case .steps: .init(steps)
        case .guidanceScale: .init(guidanceScale)
        case .guidanceRescale: .number(guidanceRescale)
        case .guidanceStart: .number(guidanceStart)
        case .guidanceEnd: .number(guidanceEnd)
        case .featureReuse: .integer(featureReuse)
        case .sampler: .init(sampler?.rawValue)
        case .schedule: .text(schedule.rawValue)
        case .seeds: .list(seeds) { String($0) }
        case .noiseSource: .text(noiseSource.rawValue)
        case .variationSeed: .init(variationSeed.map { String($0) })
        case .variationStrength: .number(variationStrength)
        default: conditionValue(of: field)
        }
    }

    private func conditionValue(of field: RequestField) -> FieldValue {
        switch field {
        case .clipSkip: .init(clipSkip)
        case .promptWeighting: .text(promptWeighting.rawValue)
        case .loras:
            .list(loras) { $0.argument }
        case .embeddings: .list(embeddings) { "\($0.token)=\($0.path)" }
        case .initImage: .init(initImage)
        case .strength: .init(strength)
        case .maskImage: .init(maskImage)
        case .maskFeather: .integer(maskFeather)
        case .maskPadding: .init(maskPadding)
        case .outpaint:
            outpaint.map { .other($0.description) } ?? .absent
        case .controls:
            .list(controls) {
                "\($0.model) \($0.image) \($0.scale) \($0.start)-\($0.end) \($0.preprocessor ?? "")"
            }
        case .imagePrompts:
            .list(imagePrompts) {
                "\($0.model) \($0.image) \($0.scale) \($0.method) \($0.mask ?? "") \($0.word ?? "")"
            }
        case .style: .init(style)
        case .safety: .text(safety.rawValue)
        case .safetyChecker: .init(safetyChecker)
        case .tiling: .text(tiling.rawValue)
        case .hires: hires.map { .other($0.description) } ?? .absent
        case .precision: .init(precision?.rawValue)
        case .extras:
            .list(extras.sorted { $0.key < $1.key }) { "\($0.key)=\($0.value)" }
        default: .absent
        }
    }
}

extension FieldValue {
    init(_ text: String?) { self = text.map { .text($0) } ?? .absent }
    init(_ number: Int?) { self = number.map { .integer($0) } ?? .absent }
    init(_ number: Double?) { self = number.map { .number($0) } ?? .absent }

    /// A list by its elements; an empty list is absent.
    static func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> FieldValue {
        elements.isEmpty ? .absent : .other(elements.map(text).joined(separator: ","))
    }
}
