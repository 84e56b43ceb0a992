import Generation

extension GeneratorCapabilities {
    /// What the engine does with `checkpoint`.
    static func local(_ checkpoint: Checkpoint) -> GeneratorCapabilities {
        var fields: [RequestField: FieldSupport] = [:]
        for field in RequestField.allCases { fields[field] = .any }
        fields[.extras] = .unsupported(reason: "only services have fields of their own")
        let scale = max(8, checkpoint.vae.configuration.scale)
        let size = FieldSupport.integers(minimum: 64, maximum: 8192, step: scale)
        (fields[.width], fields[.height]) = (size, size)
        fields[.precision] = .choices(Precision.offered.map(\.rawValue))
        fields[.clipSkip] = .integers(
            minimum: 1, maximum: checkpoint.smallestLayerCount + 1, step: 1)
        return GeneratorCapabilities(
            fields: fields, maximumCount: 64, reportsProgress: true, sendsPreviews: true,
            canCancel: true, repeatability: .exact)
    }
}

extension Checkpoint {
    /// Layers of the shallower text encoder.
    var smallestLayerCount: Int {
        encoders.map(\.layers).min() ?? 1
    }

    /// Values for what a request leaves open: what the folder suggests, SDXL's otherwise.
    var defaults: RequestDefaults {
        let side = unet.configuration.sampleSize * vae.configuration.scale
        var defaults = RequestDefaults(
            width: suggestions.width ?? side, height: suggestions.height ?? side,
            steps: suggestions.steps ?? fewSteps?.steps ?? 30,
            guidanceScale: suggestions.guidanceScale ?? fewSteps?.guidanceScale
                ?? (family.readsSizes ? 5 : 7.5),
            sampler: suggestions.sampler,
            precision: suggestions.precision ?? .fastest)
        defaults.clipSkip = family.clipSkip
        return defaults
    }
}
