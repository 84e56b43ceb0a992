import Generation

extension GenerationRequest {
    /// Fields that a preset may set: how a picture is made, not what it shows or where it runs.
    static let presetFields: Set<RequestField> = [
        .negativePrompt, .refiner, .highNoiseFraction, .refinerStrength, .width, .height, .steps,
        .aestheticScore, .negativeAestheticScore, .guidanceScale, .guidanceRescale, .guidanceStart,
        .guidanceEnd, .featureReuse, .sampler,
        .schedule, .noiseSource, .variationStrength, .clipSkip,
        .promptWeighting, .strength, .style, .safety, .tiling, .hires, .precision, .loras,
    ]

    /// Takes over the value of one of ``presetFields``; others stay.
    mutating func copy(_ field: RequestField, from other: GenerationRequest) {
        switch field {
        case .negativePrompt: negativePrompt = other.negativePrompt
        case .refiner: refiner = other.refiner
        case .highNoiseFraction: highNoiseFraction = other.highNoiseFraction
        case .refinerStrength: refinerStrength = other.refinerStrength
        case .aestheticScore: aestheticScore = other.aestheticScore
        case .negativeAestheticScore: negativeAestheticScore = other.negativeAestheticScore
        case .width: width = other.width
        case .height: height = other.height
        case .steps: steps = other.steps
        case .guidanceScale: guidanceScale = other.guidanceScale
        case .guidanceRescale: guidanceRescale = other.guidanceRescale
        case .guidanceStart: guidanceStart = other.guidanceStart
        case .guidanceEnd: guidanceEnd = other.guidanceEnd
        case .featureReuse: featureReuse = other.featureReuse
        case .sampler: sampler = other.sampler
        case .schedule: schedule = other.schedule
        case .noiseSource: noiseSource = other.noiseSource
        case .variationStrength: variationStrength = other.variationStrength
        case .clipSkip: clipSkip = other.clipSkip
        case .promptWeighting: promptWeighting = other.promptWeighting
        case .strength: strength = other.strength
        case .style: style = other.style
        case .safety: safety = other.safety
        case .tiling: tiling = other.tiling
        case .hires: hires = other.hires
        case .precision: precision = other.precision
        case .loras: loras = other.loras
        default: break
        }
    }
}
