/// The shape of a T2I-Adapter: how a control picture becomes one set of features per level.
struct StructureAdapterConfiguration: Hashable, Sendable {
    /// diffusers' three networks.
    enum Kind: String, Hashable, Sendable {
        /// For Stable Diffusion 1: each feature halves the one before it.
        case full = "full_adapter"
        /// For SDXL: only the third feature halves.
        case fullXL = "full_adapter_xl"
        /// Narrow inside, each feature halves; the last width comes twice.
        case light = "light_adapter"
    }

    var kind: Kind
    /// Channels of the control picture: 3, or 1 for sketches.
    var pictureChannels: Int
    /// Channels of the features, from fine to coarse; of a light adapter one fewer than features.
    var channels: [Int]
    /// Layers behind each change of size or channels.
    var layers: Int
    /// Pixels along one side that make one of the first features.
    var scale: Int

    /// Channels of every feature.
    var featureChannels: [Int] { kind == .light ? channels + channels.suffix(1) : channels }

    /// Pixels per feature along one side, for each feature.
    var scales: [Int] {
        featureChannels.indices.map { level in
            kind == .fullXL ? (level < 2 ? scale : 2 * scale) : scale << level
        }
    }

    /// Reads `config.json` of a diffusers folder.
    ///
    /// - Throws: ``WeightsError`` for absurd numbers and adapters of another kind.
    init(_ file: ConfigurationFile) throws(WeightsError) {
        let name = try file.string("adapter_type") ?? Kind.full.rawValue
        guard let kind = Kind(rawValue: name) else {
            throw file.bad(
                "adapter_type",
                "is \(name), and full_adapter, full_adapter_xl or light_adapter is needed")
        }
        self.kind = kind
        guard case .array(let widths)? = file["channels"], (1...8).contains(widths.count) else {
            throw file.bad("channels", "must be a list of widths")
        }
        channels = try file.integers(
            "channels", count: widths.count, in: (kind == .light ? 4 : 1)...4096)
        pictureChannels = try file.integer("in_channels", default: 3, in: 1...3)
        layers = try file.integer("num_res_blocks", default: 2, in: 1...16)
        scale = try file.integer(
            "downscale_factor", default: kind == .fullXL ? 16 : 8, in: 1...64)
        guard pictureChannels != 2 else { throw file.bad("in_channels", "must be 1 or 3") }
    }

    /// Reads the shape from tensor names and shapes, for single files: an SDXL adapter reads
    /// sixteenths, one for Stable Diffusion 1 eighths.
    init(_ index: TensorIndex) throws(WeightsError) {
        let isLight = index.shape("body.0.out_conv.weight") != nil
        guard let input = index.shape(isLight ? "body.0.in_conv.weight" : "conv_in.weight"),
            input.count == 4,
            let (picture, scale) = [(3, 16), (1, 16), (3, 8), (1, 8)].first(where: {
                $0.0 * $0.1 * $0.1 == input[1]
            }), (1...8).contains(index.count("body."))
        else {
            throw .notAModel(path: index.source, reason: "it is a T2I-Adapter of another kind")
        }
        (pictureChannels, self.scale) = (picture, scale)
        kind = isLight ? .light : (scale == 8 ? .full : .fullXL)
        var channels: [Int] = []
        for level in 0..<index.count("body.") {
            let output = isLight ? "out_conv" : "resnets.0.block1"
            channels.append(index.shape("body.\(level).\(output).weight")?.first ?? 0)
        }
        self.channels = isLight ? channels.dropLast() : channels
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
        let widths = featureChannels
        if let last = places.last, widths.count == places.count + 1 { places.append(last) }
        let fits =
            places.count == widths.count
            && zip(places, zip(widths, scales)).allSatisfy {
                $0.channels == $1.0 && $0.scale == $1.1
            }
        return fits ? nil : "its features \(widths) are not those of the model's levels"
    }
}
