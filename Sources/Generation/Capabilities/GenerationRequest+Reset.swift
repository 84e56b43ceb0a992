extension GenerationRequest {
    /// Puts a field back to the default of an empty request.
    public mutating func reset(_ field: RequestField) {
        let empty = GenerationRequest(prompt: "")
        switch field {
        case .version, .prompt, .backend: break
        case .negativePrompt: negativePrompt = empty.negativePrompt
        case .prompt2: prompt2 = empty.prompt2
        case .negativePrompt2: negativePrompt2 = empty.negativePrompt2
        case .expansion: expansion = empty.expansion
        case .model: model = empty.model
        case .vae: vae = empty.vae
        case .refiner: refiner = empty.refiner
        case .highNoiseFraction: highNoiseFraction = empty.highNoiseFraction
        case .refinerStrength: refinerStrength = empty.refinerStrength
        case .aestheticScore: aestheticScore = empty.aestheticScore
        case .negativeAestheticScore:
            negativeAestheticScore = empty.negativeAestheticScore
        case .width: width = empty.width
        case .height: height = empty.height
        case .steps: steps = empty.steps
        case .guidanceScale: guidanceScale = empty.guidanceScale
        case .guidanceRescale: guidanceRescale = empty.guidanceRescale
        case .guidanceStart: guidanceStart = empty.guidanceStart
        case .guidanceEnd: guidanceEnd = empty.guidanceEnd
        case .featureReuse: featureReuse = empty.featureReuse
        case .sampler: sampler = empty.sampler
        case .schedule: schedule = empty.schedule
        case .seeds: seeds = empty.seeds
        case .noiseSource: noiseSource = empty.noiseSource
        case .variationSeed: variationSeed = empty.variationSeed
        case .variationStrength: variationStrength = empty.variationStrength
        default: resetCondition(field, empty)
        }
    }

    private mutating func resetCondition(_ field: RequestField, _ empty: GenerationRequest) {
        switch field {
        case .clipSkip: clipSkip = empty.clipSkip
        case .promptWeighting: promptWeighting = empty.promptWeighting
        case .loras: loras = empty.loras
        case .embeddings: embeddings = empty.embeddings
        case .initImage: initImage = empty.initImage
        case .strength: strength = empty.strength
        case .maskImage: maskImage = empty.maskImage
        case .maskFeather: maskFeather = empty.maskFeather
        case .maskPadding: maskPadding = empty.maskPadding
        case .outpaint: outpaint = empty.outpaint
        case .controls: controls = empty.controls
        case .imagePrompts: imagePrompts = empty.imagePrompts
        case .style: style = empty.style
        case .safety: safety = empty.safety
        case .safetyChecker: safetyChecker = empty.safetyChecker
        case .tiling: tiling = empty.tiling
        case .hires: hires = empty.hires
        case .precision: precision = empty.precision
        case .extras: extras = empty.extras
        default: break
        }
    }

    /// Drops what a backend cannot honour at all.
    ///
    /// - Returns: one sentence for each field that was dropped.
    public mutating func dropUnsupported(by capabilities: GeneratorCapabilities) -> [String] {
        var warnings: [String] = []
        for field in RequestField.allCases where isGiven(field) {
            guard let reason = reasonToDrop(field, capabilities) else { continue }
            warnings.append("\(field.option) was dropped: \(reason)")
            reset(field)
        }
        return warnings
    }

    /// Why a backend cannot honour a field: it has none, or not with this choice.
    private func reasonToDrop(
        _ field: RequestField, _ capabilities: GeneratorCapabilities
    ) -> String? {
        switch (capabilities.support(for: field), value(of: field)) {
        case (.unsupported(let reason), _): reason
        case (.choices(let names), .text(let name)) where !names.contains(name):
            "\(name) is not one of \(names.joined(separator: ", "))"
        default: nil
        }
    }

    /// Opens the fields again that a backend does not have: only what is sent is recorded.
    public mutating func leaveOpen(beyond capabilities: GeneratorCapabilities) {
        for field in [RequestField.width, .height, .steps, .guidanceScale, .sampler, .strength]
        where !capabilities.support(for: field).isSupported {
            reset(field)
        }
    }
}
