extension GenerationRequest: Codable {
    /// Reads a request in which only `prompt` is required; absent keys take their defaults.
    ///
    /// - Throws: `DecodingError` for a wrong type; ``RequestFormatError`` for a key that no version
    ///   knows and for a version newer than this program's.
    public init(from decoder: any Decoder) throws {
        let reader = try Self.reading(decoder)
        guard reader.unknownKeys.isEmpty else {
            throw RequestFormatError.unknownKeys(reader.unknownKeys)
        }
        if let error = reader.errors.first { throw error }
        self = reader.request
    }

    /// What a decoder holds, with everything that is wrong beside the fields that could be read.
    ///
    /// - Throws: `DecodingError` when it is no object, ``RequestFormatError/newerVersion(_:)``.
    static func reading(
        _ decoder: any Decoder
    ) throws -> (request: GenerationRequest, unknownKeys: [String], errors: [DecodingError]) {
        let keys = try decoder.container(keyedBy: AnyKey.self)
        var fields = FieldReader(fields: try decoder.container(keyedBy: RequestField.self))
        var version = Self.currentVersion
        fields.read(.version, into: &version)
        guard (1...Self.currentVersion).contains(version) else {
            throw RequestFormatError.newerVersion(version)
        }
        var request = GenerationRequest(prompt: "")
        fields.readPrompt(into: &request.prompt)
        request.decodeText(&fields)
        request.decodeModel(&fields)
        request.decodeSampling(&fields)
        request.decodeConditions(&fields)
        let unknown = keys.allKeys.map(\.stringValue).filter { RequestField(rawValue: $0) == nil }
        return (request, unknown.sorted(), fields.errors)
    }

    private mutating func decodeText(_ fields: inout FieldReader) {
        fields.read(.negativePrompt, into: &negativePrompt)
        fields.read(.prompt2, into: &prompt2)
        fields.read(.negativePrompt2, into: &negativePrompt2)
        fields.read(.expansion, into: &expansion)
        fields.read(.clipSkip, into: &clipSkip)
        fields.read(.promptWeighting, into: &promptWeighting)
        fields.read(.style, into: &style)
    }

    private mutating func decodeModel(_ fields: inout FieldReader) {
        fields.read(.backend, into: &backend)
        fields.read(.model, into: &model)
        fields.read(.vae, into: &vae)
        fields.read(.refiner, into: &refiner)
        fields.read(.highNoiseFraction, into: &highNoiseFraction)
        fields.read(.refinerStrength, into: &refinerStrength)
        fields.read(.aestheticScore, into: &aestheticScore)
        fields.read(.negativeAestheticScore, into: &negativeAestheticScore)
        fields.read(.loras, into: &loras)
        fields.read(.embeddings, into: &embeddings)
        fields.read(.precision, into: &precision)
        fields.read(.safety, into: &safety)
        fields.read(.safetyChecker, into: &safetyChecker)
    }

    private mutating func decodeSampling(_ fields: inout FieldReader) {
        fields.read(.width, into: &width)
        fields.read(.height, into: &height)
        fields.read(.steps, into: &steps)
        fields.read(.guidanceScale, into: &guidanceScale)
        fields.read(.guidanceRescale, into: &guidanceRescale)
        fields.read(.guidanceStart, into: &guidanceStart)
        fields.read(.guidanceEnd, into: &guidanceEnd)
        fields.read(.featureReuse, into: &featureReuse)
        fields.readSolver(into: &sampler, &schedule)
        fields.read(.seeds, into: &seeds)
        fields.read(.noiseSource, into: &noiseSource)
        fields.read(.variationSeed, into: &variationSeed)
        fields.read(.variationStrength, into: &variationStrength)
        fields.read(.tiling, into: &tiling)
        fields.read(.hires, into: &hires)
    }

    private mutating func decodeConditions(_ fields: inout FieldReader) {
        fields.read(.initImage, into: &initImage)
        fields.read(.strength, into: &strength)
        fields.read(.maskImage, into: &maskImage)
        fields.read(.maskFeather, into: &maskFeather)
        fields.read(.maskPadding, into: &maskPadding)
        fields.read(.outpaint, into: &outpaint)
        fields.read(.controls, into: &controls)
        fields.read(.imagePrompts, into: &imagePrompts)
        fields.read(.extras, into: &extras)
    }

    /// Writes every field; an absent value is written as null, so that a reader sees what existed.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: RequestField.self)
        for field in RequestField.allCases {
            try encode(field, into: &fields)
        }
    }

    private func encode(
        _ field: RequestField, into fields: inout KeyedEncodingContainer<RequestField>
    ) throws {
        switch field {
        case .version: try fields.encode(version, forKey: field)
        case .prompt: try fields.encode(prompt, forKey: field)
        case .negativePrompt: try fields.encode(negativePrompt, forKey: field)
        case .prompt2: try fields.encode(prompt2, forKey: field)
        case .negativePrompt2: try fields.encode(negativePrompt2, forKey: field)
        case .expansion: try fields.encode(expansion, forKey: field)
        case .backend: try fields.encode(backend, forKey: field)
        case .model: try fields.encode(model, forKey: field)
        case .vae: try fields.encode(vae, forKey: field)
        case .refiner: try fields.encode(refiner, forKey: field)
        case .highNoiseFraction: try fields.encode(highNoiseFraction, forKey: field)
        case .refinerStrength: try fields.encode(refinerStrength, forKey: field)
        case .aestheticScore: try fields.encode(aestheticScore, forKey: field)
        case .negativeAestheticScore: try fields.encode(negativeAestheticScore, forKey: field)
        case .width: try fields.encode(width, forKey: field)
        case .height: try fields.encode(height, forKey: field)
        case .steps: try fields.encode(steps, forKey: field)
        case .guidanceScale: try fields.encode(guidanceScale, forKey: field)
        case .guidanceRescale: try fields.encode(guidanceRescale, forKey: field)
        case .guidanceStart: try fields.encode(guidanceStart, forKey: field)
        case .guidanceEnd: try fields.encode(guidanceEnd, forKey: field)
        case .featureReuse: try fields.encode(featureReuse, forKey: field)
        case .sampler: try fields.encode(sampler, forKey: field)
        case .schedule: try fields.encode(schedule, forKey: field)
        case .seeds: try fields.encode(seeds, forKey: field)
        case .noiseSource: try fields.encode(noiseSource, forKey: field)
        case .variationSeed: try fields.encode(variationSeed, forKey: field)
        case .variationStrength: try fields.encode(variationStrength, forKey: field)
        case .clipSkip: try fields.encode(clipSkip, forKey: field)
        case .promptWeighting: try fields.encode(promptWeighting, forKey: field)
        case .loras: try fields.encode(loras, forKey: field)
        case .embeddings: try fields.encode(embeddings, forKey: field)
        case .initImage: try fields.encode(initImage, forKey: field)
        case .strength: try fields.encode(strength, forKey: field)
        case .maskImage: try fields.encode(maskImage, forKey: field)
        case .maskFeather: try fields.encode(maskFeather, forKey: field)
        case .maskPadding: try fields.encode(maskPadding, forKey: field)
        case .outpaint: try fields.encode(outpaint, forKey: field)
        case .controls: try fields.encode(controls, forKey: field)
        case .imagePrompts: try fields.encode(imagePrompts, forKey: field)
        case .style: try fields.encode(style, forKey: field)
        case .safety: try fields.encode(safety, forKey: field)
        case .safetyChecker: try fields.encode(safetyChecker, forKey: field)
        case .tiling: try fields.encode(tiling, forKey: field)
        case .hires: try fields.encode(hires, forKey: field)
        case .precision: try fields.encode(precision, forKey: field)
        case .extras: try fields.encode(extras, forKey: field)
        }
    }
}

/// Why a recorded request cannot be read.
public enum RequestFormatError: UserFacingError, Equatable {
    case newerVersion(Int)
    case unknownKeys([String])

    public var summary: String {
        switch self {
        case .newerVersion(let version):
            "The request has version \(version); this program reads up to "
                + "\(GenerationRequest.currentVersion)"
        case .unknownKeys(let keys):
            "The request has keys that no field answers to: "
                + keys.prefix(8).map { printable($0, limit: 60) }.joined(separator: ", ")
        }
    }

    public var hint: String? {
        switch self {
        case .newerVersion: "update latent to run it"
        case .unknownKeys: "field names are those of the table in `latent generate --help`"
        }
    }
}

/// Any key of an object, for listing those that are not fields.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
