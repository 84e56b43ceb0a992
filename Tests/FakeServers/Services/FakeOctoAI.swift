import Synchronization

/// OctoAI's "Generate SDXL": one blocking call.
public final class FakeOctoAI: FakeService {
    /// How this instance behaves.
    public struct Behaviour: Sendable {
        /// Pictures (by index) that the safety checker removes.
        public var removed: Set<Int> = []
        /// Whether pictures have the size in bytes of a photograph; four of them take turns.
        public var isDetailed = false
        /// Time until the answer.
        public var pace = Duration.zero

        public init() {}
    }

    public static let kind = "octoai"
    public let server: FakeServer
    public let key: String?
    private let state: Mutex<Behaviour>

    private init(server: FakeServer, key: String, behaviour: Behaviour) {
        self.server = server
        self.key = key
        state = Mutex(behaviour)
    }

    /// Starts the service.
    public static func start(
        port: Int = 0, key: String = "octo_fake_token", behaviour: Behaviour = Behaviour()
    ) async throws -> FakeOctoAI {
        let server = try await FakeServer.start(port: port) { _ in FakeResponse(503) }
        let service = FakeOctoAI(server: server, key: key, behaviour: behaviour)
        server.serve { [weak service] in await service?.answer($0) ?? FakeResponse(503) }
        return service
    }

    /// Changes how the service behaves.
    public func behave(_ change: @Sendable (inout Behaviour) -> Void) {
        state.withLock { change(&$0) }
    }

    private func answer(_ request: RecordedRequest) async -> FakeResponse {
        guard carries(request, "authorization", "Bearer \(key ?? "")") else {
            return .json(401, ["message": "invalid token"])
        }
        guard request.path == "/generate/sdxl" else { return .json(404, ["detail": "Not Found"]) }
        guard request.method == "POST" else {
            return .json(405, ["detail": "Method Not Allowed"])
        }
        guard let body = jsonBody(request) else {
            return .json(422, ["detail": "the body is not JSON"])
        }
        let problems = Self.fields.problems(of: body) + Self.rules(body)
        note(problems, of: request)
        guard problems.isEmpty else {
            return .json(422, ["detail": .array(problems.map(\.fastAPI))])
        }
        let behaviour = state.withLock { $0 }
        try? await Task.sleep(for: behaviour.pace)
        let images = (0..<(body["num_images"]?.integer ?? 1)).map { image(body, $0, behaviour) }
        return .json(200, ["images": .array(images), "prediction_time_ms": 1234.5])
    }

    private func image(_ body: WireJSON, _ index: Int, _ behaviour: Behaviour) -> WireJSON {
        let listed = body["seed"]?[index]?.integer
        let seed = listed ?? (body["seed"]?.integer ?? 4711) + index
        let isRemoved = behaviour.removed.contains(index)
        let (width, height) = (body["width"]?.integer ?? 1024, body["height"]?.integer ?? 1024)
        let format: FakePicture.Format = body["image_encoding"]?.text == "png" ? .png : .jpeg
        let picture =
            behaviour.isDetailed
            ? FakePicture.detailed(width: width, height: height, seed: UInt64(seed % 4), as: format)
                .base64
            : FakePicture.base64(width: width, height: height, seed: UInt64(seed), as: format)
        return [
            "image_b64": isRemoved ? .null : .string(picture),
            "removed_for_safety": .bool(isRemoved), "safety_score": 0.01, "seed": .integer(seed),
        ]
    }

    /// Rules between fields.
    private static func rules(_ body: WireJSON) -> [WireProblem] {
        var problems: [WireProblem] = []
        func refuse(_ field: String, _ message: String) {
            problems.append(WireProblem(path: [field], message: message, type: "value_error"))
        }
        let size = [body["width"]?.integer, body["height"]?.integer].compactMap { $0 }
        if size.count == 1 { refuse("width", "width and height go together") }
        if size.count == 2, !sizes.contains(size) { refuse("width", "not a size of SDXL") }
        if let seeds = body["seed"]?.elements, seeds.count != body["num_images"]?.integer ?? 1 {
            refuse("seed", "as many seeds as images")
        }
        for field in ["mask_image", "strength", "outpainting"]
        where body[field] != nil && body["init_image"] == nil {
            refuse(field, "needs init_image")
        }
        if body["controlnet"] != nil, body["controlnet_image"] == nil {
            refuse("controlnet_image", "field required")
        }
        return problems
    }

    private static let sizes = [
        [1024, 1024], [1152, 896], [896, 1152], [1216, 832], [832, 1216], [1344, 768], [768, 1344],
        [1536, 640], [640, 1536],
    ]

    private static let seeds = WireType.integer(1...0xFFFF_FFFF)

    /// Every field of the service.
    private static let fields = WireObject(
        required: ["prompt"],
        [
            "prompt": .string, "prompt_2": .string, "negative_prompt": .string,
            "negative_prompt_2": .string, "cfg_scale": .numberAbove(0, upTo: 50),
            "steps": .integer(1...200),
            "seed": .either([seeds, .list(.nullable(seeds), count: 1...16)]),
            "num_images": .integer(1...16), "width": .integer(640...1536),
            "height": .integer(640...1536), "sampler": .choice(samplers),
            "image_encoding": .choice(["jpeg", "png"]), "style_preset": .choice(styles),
            "use_refiner": .boolean, "high_noise_frac": .number(0...1),
            "clip_skip": .integer(1...12), "checkpoint": .filledString, "vae": .filledString,
            "loras": .map(.nullable(.number(-10...10))),
            "textual_inversions": .map(.nullable(.string)), "init_image": .picture,
            "strength": .numberAbove(0, upTo: 1), "mask_image": .picture, "outpainting": .boolean,
            "inpaint_full_res": .boolean, "inpaint_full_res_padding": .integer(0...1024),
            "log_prompt": .boolean, "controlnet": .filledString, "controlnet_image": .picture,
            "controlnet_conditioning_scale": .number(0...100),
            "controlnet_early_stop": .number(0...1), "controlnet_preprocess": .boolean,
            "ip_adapter_image": .picture, "ip_adapter_mask_image": .picture,
            "ip_adapter_method": .choice(["full", "style", "composition"]),
            "ip_adapter_mode": .choice(["base"]), "ip_adapter_scale": .number(0...10),
            "transfer_images": .map(.nullable(.list(.picture, count: 1...16))),
        ])

    private static let samplers = [
        "PNDM", "LMS", "KLMS", "DDIM", "DDPM", "HEUN", "K_HEUN", "K_EULER", "K_EULER_ANCESTRAL",
        "DPM_SOLVER_MULTISTEP", "DPM_PLUS_PLUS_2M_KARRAS", "DPM_PLUS_PLUS_2M_SDE",
        "DPM_PLUS_PLUS_2M_SDE_KARRAS", "DPM_SINGLE", "DPM_2", "DPM_2_KARRAS", "DPM_2_ANCESTRAL",
        "DPM_2_ANCESTRAL_KARRAS", "DPM_PLUS_PLUS_SDE_KARRAS", "UNI_PC", "LCM",
    ]

    private static let styles = [
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
