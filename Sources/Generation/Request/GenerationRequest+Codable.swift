extension GenerationRequest: Codable {
    /// Reads a request in which only `prompt` is required; absent keys take their defaults.
    ///
    /// - Throws: `DecodingError` for a wrong type; ``RequestFormatError`` for a key that no version
    ///   knows and for a version newer than this program's.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: AnyKey.self)
        let version = try keys.decodeIfPresent(Int.self, forKey: AnyKey("version")) ?? 1
        guard (1...Self.currentVersion).contains(version) else {
            throw RequestFormatError.newerVersion(version)
        }
        let unknown = keys.allKeys.map(\.stringValue).filter { RequestField(rawValue: $0) == nil }
        guard unknown.isEmpty else { throw RequestFormatError.unknownKeys(unknown.sorted()) }
        let fields = try decoder.container(keyedBy: RequestField.self)
        self.init(prompt: try fields.decode(String.self, forKey: .prompt))
        try decodeText(fields)
        try decodeModel(fields)
        try decodeSampling(fields)
        try decodeConditions(fields)
    }

    private mutating func decodeText(_ fields: KeyedDecodingContainer<RequestField>) throws {
        try fields.read(.negativePrompt, into: &negativePrompt)
        try fields.read(.prompt2, into: &prompt2)
        try fields.read(.negativePrompt2, into: &negativePrompt2)
        try fields.read(.expansion, into: &expansion)
        try fields.read(.clipSkip, into: &clipSkip)
        try fields.read(.promptWeighting, into: &promptWeighting)
        try fields.read(.style, into: &style)
    }

    private mutating func decodeModel(_ fields: KeyedDecodingContainer<RequestField>) throws {
        try fields.read(.backend, into: &backend)
        try fields.read(.model, into: &model)
        try fields.read(.vae, into: &vae)
        try fields.read(.refiner, into: &refiner)
        try fields.read(.highNoiseFraction, into: &highNoiseFraction)
        try fields.read(.loras, into: &loras)
        try fields.read(.embeddings, into: &embeddings)
        try fields.read(.precision, into: &precision)
        try fields.read(.safety, into: &safety)
    }

    private mutating func decodeSampling(_ fields: KeyedDecodingContainer<RequestField>) throws {
        try fields.read(.width, into: &width)
        try fields.read(.height, into: &height)
        try fields.read(.steps, into: &steps)
        try fields.read(.guidanceScale, into: &guidanceScale)
        try fields.read(.guidanceRescale, into: &guidanceRescale)
        try fields.read(.sampler, into: &sampler)
        try fields.read(.schedule, into: &schedule)
        try fields.read(.seeds, into: &seeds)
        try fields.read(.noiseSource, into: &noiseSource)
        try fields.read(.variationSeed, into: &variationSeed)
        try fields.read(.variationStrength, into: &variationStrength)
        try fields.read(.tiling, into: &tiling)
        try fields.read(.hires, into: &hires)
    }

    private mutating func decodeConditions(_ fields: KeyedDecodingContainer<RequestField>) throws {
        try fields.read(.initImage, into: &initImage)
        try fields.read(.strength, into: &strength)
        try fields.read(.maskImage, into: &maskImage)
        try fields.read(.outpaint, into: &outpaint)
        try fields.read(.controls, into: &controls)
        try fields.read(.imagePrompts, into: &imagePrompts)
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
        case .width: try fields.encode(width, forKey: field)
        case .height: try fields.encode(height, forKey: field)
        case .steps: try fields.encode(steps, forKey: field)
        case .guidanceScale: try fields.encode(guidanceScale, forKey: field)
        case .guidanceRescale: try fields.encode(guidanceRescale, forKey: field)
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
        case .outpaint: try fields.encode(outpaint, forKey: field)
        case .controls: try fields.encode(controls, forKey: field)
        case .imagePrompts: try fields.encode(imagePrompts, forKey: field)
        case .style: try fields.encode(style, forKey: field)
        case .safety: try fields.encode(safety, forKey: field)
        case .tiling: try fields.encode(tiling, forKey: field)
        case .hires: try fields.encode(hires, forKey: field)
        case .precision: try fields.encode(precision, forKey: field)
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

extension KeyedDecodingContainer where Key == RequestField {
    /// Replaces `value` when the key is present and not null.
    fileprivate func read<Value: Decodable>(_ key: Key, into value: inout Value) throws {
        if let found = try decodeIfPresent(Value.self, forKey: key) { value = found }
    }

    /// Replaces an optional `value` when the key is present.
    fileprivate func read<Value: Decodable>(_ key: Key, into value: inout Value?) throws {
        value = try decodeIfPresent(Value.self, forKey: key)
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
