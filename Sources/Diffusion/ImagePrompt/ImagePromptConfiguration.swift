/// The shape of an IP-Adapter: how a picture becomes tokens, and how wide the layers are that read them.
struct ImagePromptConfiguration: Hashable, Sendable {
    /// How a picture becomes tokens.
    enum Tokens: Hashable, Sendable {
        /// From the encoder's projected vector (the plain adapter).
        case vector(inputs: Int, count: Int)
        /// From the encoder's penultimate states (the "plus" adapter).
        case resampled(ResampledTokens.Shape)

        /// Width of what it reads.
        var inputs: Int {
            switch self {
            case .vector(let inputs, _): inputs
            case .resampled(let shape): shape.inputs
            }
        }
    }

    var tokens: Tokens
    /// Width of a token, the same as of the prompt's.
    var width: Int
    /// Channels of each cross-attention in the order of the file: down, up, middle.
    var channels: [Int]

    /// Reads the shape from tensor names and shapes.
    ///
    /// - Throws: ``WeightsError`` when it is an adapter of another kind.
    static func infer(from index: TensorIndex) throws(WeightsError) -> ImagePromptConfiguration {
        var channels: [Int] = []
        // Every other number belongs to a self-attention, which has no weights of its own.
        while let shape = index.shape("ip_adapter.\(2 * channels.count + 1).to_k_ip.weight"),
            shape.count == 2
        {
            channels.append(shape[0])
        }
        guard let width = index.shape("ip_adapter.1.to_k_ip.weight")?.last else {
            throw .notAModel(path: index.source, reason: "it is not an IP-Adapter")
        }
        let tokens = try tokens(of: index, width: width)
        return ImagePromptConfiguration(tokens: tokens, width: width, channels: channels)
    }

    private static func tokens(
        of index: TensorIndex, width: Int
    ) throws(WeightsError) -> Tokens {
        func shape(_ name: String, _ count: Int) -> [Int]? {
            index.shape("image_proj." + name).flatMap { $0.count == count ? $0 : nil }
        }
        if let projection = shape("proj.weight", 2), width > 0, projection[0] % width == 0 {
            return .vector(inputs: projection[1], count: projection[0] / width)
        }
        if let latents = shape("latents", 3), let projection = shape("proj_in.weight", 2),
            let query = shape("layers.0.0.to_q.weight", 2), query[0] % 64 == 0, query[0] > 0,
            let inner = shape("layers.0.1.1.weight", 2)
        {
            return .resampled(
                .init(
                    inputs: projection[1], hidden: latents[2], queries: latents[1],
                    inner: query[0], feedForward: inner[0],
                    layers: index.count("image_proj.layers."), width: width))
        }
        throw .notAModel(
            path: index.source,
            reason: "it is an IP-Adapter of another kind than base and plus (of faces, perhaps)")
    }
}

/// Where a cross-attention stands in a UNet.
struct CrossAttentionPlace: Hashable, Sendable {
    enum Path: Hashable, Sendable {
        case down, middle, up
    }

    let path: Path
    /// Level from the start of its path.
    let level: Int
    /// Transformer within the level.
    let transformer: Int
    let channels: Int
}

extension UNetConfiguration {
    /// Every cross-attention in the order in which the blocks run: down, middle, up.
    var crossAttentions: [CrossAttentionPlace] {
        func places(_ levels: [Level], _ path: CrossAttentionPlace.Path) -> [CrossAttentionPlace] {
            levels.enumerated().flatMap { number, level in
                (level.transformerDepths ?? []).enumerated().flatMap { transformer, depth in
                    Array(
                        repeating: CrossAttentionPlace(
                            path: path, level: number, transformer: transformer,
                            channels: level.channels), count: depth)
                }
            }
        }
        var middlePlaces: [CrossAttentionPlace] = []
        if case .crossAttention(let depth) = middle, let last = down.last {
            middlePlaces = Array(
                repeating: CrossAttentionPlace(
                    path: .middle, level: 0, transformer: 0, channels: last.channels), count: depth)
        }
        return places(down, .down) + middlePlaces + places(up, .up)
    }
}
