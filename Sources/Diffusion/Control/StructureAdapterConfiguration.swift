/// The shape of a T2I-Adapter: how a control picture becomes one set of features per level.
struct StructureAdapterConfiguration: Hashable, Sendable {
    /// Channels of the control picture: 3, or 1 for sketches.
    var pictureChannels: Int
    /// Channels of the features, from fine to coarse.
    var channels: [Int]
    /// Layers behind each change of size or channels.
    var layers: Int
    /// Pixels along one side that make one of the first features.
    var scale: Int
    /// Whether each feature halves the one before it; otherwise only the third does (SDXL).
    var halvesEveryLevel: Bool

    /// Pixels per feature along one side, for each feature.
    var scales: [Int] {
        channels.indices.map { level in
            halvesEveryLevel ? scale << level : (level < 2 ? scale : 2 * scale)
        }
    }

    /// Reads `config.json` of a diffusers folder.
    ///
    /// - Throws: ``WeightsError`` for absurd numbers and adapters of another kind.
    init(_ file: ConfigurationFile) throws(WeightsError) {
        let kind = try file.string("adapter_type") ?? "full_adapter"
        guard ["full_adapter", "full_adapter_xl"].contains(kind) else {
            throw file.bad(
                "adapter_type", "is \(kind), and full_adapter or full_adapter_xl is needed")
        }
        guard case .array(let widths)? = file["channels"], (1...8).contains(widths.count) else {
            throw file.bad("channels", "must be a list of widths")
        }
        halvesEveryLevel = kind == "full_adapter"
        channels = try file.integers("channels", count: widths.count, in: 1...4096)
        pictureChannels = try file.integer("in_channels", default: 3, in: 1...3)
        layers = try file.integer("num_res_blocks", default: 2, in: 1...16)
        scale = try file.integer(
            "downscale_factor", default: halvesEveryLevel ? 8 : 16, in: 1...64)
        guard pictureChannels != 2 else { throw file.bad("in_channels", "must be 1 or 3") }
    }

    /// Reads the shape from tensor names and shapes, for single files: an SDXL adapter reads
    /// sixteenths, one for Stable Diffusion 1 eighths.
    init(_ index: TensorIndex) throws(WeightsError) {
        guard let input = index.shape("conv_in.weight"), input.count == 4,
            let (picture, scale) = [(3, 16), (1, 16), (3, 8), (1, 8)].first(where: {
                $0.0 * $0.1 * $0.1 == input[1]
            }), (1...8).contains(index.count("body."))
        else {
            throw .notAModel(path: index.source, reason: "it is a T2I-Adapter of another kind")
        }
        (pictureChannels, self.scale, halvesEveryLevel) = (picture, scale, scale == 8)
        var channels: [Int] = []
        for level in 0..<index.count("body.") {
            let shape = index.shape("body.\(level).resnets.0.block1.weight")
            channels.append(shape?.first ?? 0)
        }
        self.channels = channels
        layers = index.count("body.0.resnets.")
    }

    /// Why the adapter cannot steer a UNet; nil when it can.
    ///
    /// - Parameter scale: pixels per latent along one side.
    func misfit(with unet: UNetConfiguration, scale: Int) -> String? {
        var places: [(channels: Int, scale: Int)] = []
        for (number, level) in unet.down.enumerated() {
            // Levels without attention take their feature behind the halving.
            let isLast = number == unet.down.count - 1
            let isHalved = level.transformerDepths == nil && !isLast
            places.append((level.channels, scale << (isHalved ? number + 1 : number)))
        }
        if let last = places.last, channels.count == places.count + 1 { places.append(last) }
        let fits =
            places.count == channels.count
            && zip(places, zip(channels, scales)).allSatisfy {
                $0.channels == $1.0 && $0.scale == $1.1
            }
        return fits ? nil : "its features \(channels) are not those of the model's levels"
    }
}
