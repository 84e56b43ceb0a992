import Foundation
import Generation
import Images
import Settings

/// OctoAI Media Generation, "Generate SDXL": one blocking call with everything in it.
///
/// The public service was shut down; its shape lives on behind configurable addresses.
public struct OctoAI: RemoteService {
    public init() {}

    public let profile = ServiceProfile(
        kind: .octoai, title: "OctoAI",
        baseURL: URL(string: "https://image.octoai.run") ?? URL(fileURLWithPath: "/"),
        authentication: .bearer, needsKey: true)

    static let samplers = ServiceSamplers([
        .init("PNDM", .pndm), .init("LMS", .lms), .init("KLMS", .lms, .karras),
        .init("DDIM", .ddim), .init("DDPM", .ddpm), .init("HEUN", .heun),
        .init("K_HEUN", .heun, .karras), .init("K_EULER", .euler),
        .init("K_EULER_ANCESTRAL", .eulerAncestral),
        .init("DPM_SOLVER_MULTISTEP", .dpmpp2m),
        .init("DPM_PLUS_PLUS_2M_KARRAS", .dpmpp2m, .karras),
        .init("DPM_PLUS_PLUS_2M_SDE", .dpmpp2mSDE),
        .init("DPM_PLUS_PLUS_2M_SDE_KARRAS", .dpmpp2mSDE, .karras),
        .init("DPM_SINGLE", .dpmpp2sAncestral), .init("DPM_2", .dpm2),
        .init("DPM_2_KARRAS", .dpm2, .karras), .init("DPM_2_ANCESTRAL", .dpm2Ancestral),
        .init("DPM_2_ANCESTRAL_KARRAS", .dpm2Ancestral, .karras),
        .init("DPM_PLUS_PLUS_SDE_KARRAS", .dpmppSDE, .karras), .init("UNI_PC", .unipc),
        .init("LCM", .lcm),
    ])

    static let sizes: [PictureSize] = [
        (1024, 1024), (1152, 896), (896, 1152), (1216, 832), (832, 1216), (1344, 768),
        (768, 1344), (1536, 640), (640, 1536),
    ].map { PictureSize(width: $0.0, height: $0.1) }

    static let extras: [ExtraField] = [
        ExtraField("style_preset", .choices(stylePresets), "a style of the service"),
        ExtraField("image_encoding", .choices(["jpeg", "png"]), "png here by default"),
        ExtraField(
            "transfer_images", .json, "object: a word of the prompt to a list of picture paths"),
        ExtraField("inpaint_full_res", .truth, "repaints at full resolution"),
        ExtraField("inpaint_full_res_padding", .integer(minimum: 0, maximum: 1024), "pixels"),
        ExtraField("log_prompt", .truth, "whether the service keeps the prompt"),
        ExtraField("use_refiner", .truth, "as --refiner on or off"),
        ExtraField("ip_adapter_mode", .choices(["base"]), "the adapter's mode"),
    ]

    public func capabilities(model: String?) -> GeneratorCapabilities {
        var fields = FieldTable(profile.title)
        for field in [
            RequestField.negativePrompt, .prompt2, .negativePrompt2, .model, .vae, .loras,
            .embeddings, .initImage, .maskImage, .outpaint, .controls, .imagePrompts, .extras,
        ] { fields[field] = .any }
        fields.integers(.steps, 1...200)
        fields.numbers(.guidanceScale, 0.000_001...50)
        fields.numbers(.strength, 0.000_001...1)
        fields.numbers(.highNoiseFraction, 0...1)
        fields.integers(.clipSkip, 1...12)
        fields.integers(.seeds, 1...4_294_967_295)
        fields.integers(.width, 640...1536, step: 8)
        fields.integers(.height, 640...1536, step: 8)
        fields[.sampler] = Self.samplers.samplers
        fields[.schedule] = Self.samplers.schedules
        fields.onOff(.refiner)
        fields[.safety] = .unsupported(
            reason: "OctoAI always checks, and sends no picture that it removed")
        var capabilities = GeneratorCapabilities(
            fields: fields.fields, maximumCount: 16, repeatability: .seeded)
        capabilities.sizes = Self.sizes
        capabilities.maximumItems = [.controls: 1, .imagePrompts: 1]
        capabilities.extras = Self.extras
        capabilities.pricedFields = [.steps, .seeds]
        return capabilities
    }

    public func defaults(model: String?) -> RequestDefaults {
        RequestDefaults(width: 1024, height: 1024, steps: 30, guidanceScale: 12, sampler: nil)
    }

    public func problems(of request: GenerationRequest) -> [RequestProblem] {
        var files: [(RequestField, String?)] = [
            (.initImage, request.initImage), (.maskImage, request.maskImage),
        ]
        files += request.controls.map { (.controls, $0.image) }
        files += request.imagePrompts.flatMap {
            [(.imagePrompts, $0.image), (.imagePrompts, $0.mask)]
        }
        var problems = request.placeProblems(files, mustBeLinks: false, service: profile.title)
        problems += Self.samplers.problems(of: request, service: profile.title)
        problems += request.jsonProblems(of: Self.extras)
        for control in request.controls where control.start != 0 || control.scale < 0 {
            problems.append(
                RequestProblem(
                    field: .controls, value: control.model,
                    reason: "OctoAI's begin with the first step and have a scale of at least 0"))
        }
        if request.extras["transfer_images"] != nil, Self.transfers(of: request) == nil {
            problems.append(
                RequestProblem(
                    field: .extras, value: "transfer_images",
                    reason: #"{"word": ["path", ...]} is needed"#))
        }
        if request.outpaint != nil, request.maskImage != nil {
            problems.append(
                RequestProblem(
                    field: .maskImage, value: "",
                    reason: "--outpaint makes the mask itself; leave one of them out"))
        }
        return problems
    }

    public func inputs(of request: GenerationRequest) -> [InputNeed] {
        var paths = [request.initImage, request.maskImage].compactMap { $0 }
        paths += request.controls.map(\.image)
        paths += request.imagePrompts.flatMap { [$0.image, $0.mask].compactMap { $0 } }
        paths += (Self.transfers(of: request) ?? [:]).values.flatMap { $0 }
        return paths.map { InputNeed($0, .picture) }
    }

    /// `transfer_images` as paths by word; nil when it is no such object.
    static func transfers(of request: GenerationRequest) -> [String: [String]]? {
        guard let text = request.extras["transfer_images"],
            let members = JSONValue(parsing: text)?.members
        else { return nil }
        var paths: [String: [String]] = [:]
        for (word, value) in members {
            guard let elements = value.elements else { return nil }
            let texts = elements.compactMap(\.filledText)
            guard texts.count == elements.count else { return nil }
            paths[word] = texts
        }
        return paths
    }

    public func flow(for job: RemoteJob) throws -> any RemoteFlow { OctoAIFlow(job: job) }

    /// A call without a prompt is refused before any work: 422 with a key that is taken.
    public func probes(at endpoint: Endpoint) -> [RemoteCall] {
        [
            RemoteCall(
                "refusal",
                HTTPRequest(.get, endpoint.url("generate", "sdxl"), limits: .brief),
                repetition: .safe)
        ]
    }
}

extension OctoAI {
    static let stylePresets = [
        "base", "3d-model", "analog-film", "anime", "cinematic", "comic-book", "Craft Clay",
        "modeling-compound", "digital-art", "enhance", "fantasy-art", "isometric", "line-art",
        "low-poly", "neon-punk", "origami", "photographic", "pixel-art", "tile-texture",
        "Advertising", "Food Photography", "Real Estate", "Abstract", "Cubist", "Graffiti",
        "Hyperrealism", "Impressionist", "Pointillism", "Pop Art", "Psychedelic", "Renaissance",
        "Steampunk", "Surrealist", "Typography", "Watercolor", "Fighting Game", "GTA",
        "Super Mario", "Minecraft", "Pokémon", "Retro Arcade", "Retro Game", "RPG Fantasy Game",
        "Strategy Game", "Street Fighter", "Legend of Zelda", "Architectural", "Disco",
        "Dreamscape", "Dystopian", "Fairy Tale", "Gothic", "Grunge", "Horror", "Minimalist",
        "Monochrome", "Nautical", "Space", "Stained Glass", "Techwear Fashion", "Tribal",
        "Zentangle", "Collage", "Flat Papercut", "Kirigami", "Paper Mache", "Paper Quilling",
        "Papercut Collage", "Papercut Shadow Box", "Stacked Papercut", "Thick Layered Papercut",
        "Alien", "Film Noir", "HDR", "Long Exposure", "Neon Noir", "Silhouette", "Tilt-Shift",
    ]
}
