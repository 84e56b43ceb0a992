/// The shape of a `ControlNetModel` for SDXL: the contracting half of a UNet, and the layers that
/// read the control picture.
struct ControlNetConfiguration: Hashable, Sendable {
    /// The contracting half; its up path is empty.
    var encoder: UNetConfiguration
    /// Channels of the control picture.
    var pictureChannels = 3
    /// Channels of the layers that read it, from full size to an eighth.
    var pictureWidths: [Int]
    /// Whether it was trained on pictures with blue first.
    var isBGR = false

    /// Reads `config.json` of a diffusers folder.
    ///
    /// - Throws: ``WeightsError`` for absurd numbers and control networks of another kind.
    init(_ file: ConfigurationFile) throws(WeightsError) {
        let kind = try file.string("_class_name") ?? "ControlNetModel"
        guard kind == "ControlNetModel" else {
            throw .notAModel(
                path: file.path,
                reason: "it describes a \"\(kind)\", and a ControlNetModel is needed")
        }
        try file.require("global_pool_conditions", isOneOf: [.bool(false)])
        encoder = try UNetConfiguration(file, hasUpPath: false)
        pictureChannels = try file.integer("conditioning_channels", default: 3, in: 3...3)
        let key = "conditioning_embedding_out_channels"
        guard case .array(let widths)? = file[key] ?? .array([16, 32, 96, 256].map { .number($0) })
        else { throw file.bad(key, "must be a list of widths") }
        pictureWidths = try file.integers(key, count: widths.count, in: 1...4096)
        let order = try file.string("controlnet_conditioning_channel_order") ?? "rgb"
        guard ["rgb", "bgr"].contains(order) else {
            throw file.bad("controlnet_conditioning_channel_order", "must be rgb or bgr")
        }
        isBGR = order == "bgr"
    }

    init(encoder: UNetConfiguration, pictureWidths: [Int]) {
        self.encoder = encoder
        self.pictureWidths = pictureWidths
    }

    /// Reads the shape from tensor names and shapes, for single files.
    static func infer(from index: TensorIndex) throws(WeightsError) -> ControlNetConfiguration {
        let prefix = "controlnet_cond_embedding."
        guard index.contains(prefix: prefix) else {
            throw .notAModel(
                path: index.source, reason: "it is neither a ControlNet nor a T2I-Adapter")
        }
        let encoder = try UNetConfiguration.inferDownPath(from: index)
        var widths: [Int] = []
        if let shape = index.shape(prefix + "conv_in.weight") { widths.append(shape[0]) }
        for number in 0..<(index.count(prefix + "blocks.") / 2) {
            if let shape = index.shape(prefix + "blocks.\(2 * number + 1).weight") {
                widths.append(shape[0])
            }
        }
        guard widths.count > 1 else {
            throw .notAModel(
                path: index.source, reason: "it has no layers that read a control picture")
        }
        return ControlNetConfiguration(encoder: encoder, pictureWidths: widths)
    }

    /// Whether a layer reads the prompt; networks of the small kind have none.
    var readsPrompts: Bool {
        if case .crossAttention(let depth) = encoder.middle, depth > 0 { return true }
        return encoder.down.contains { ($0.transformerDepths ?? []).contains { $0 > 0 } }
    }

    /// How many pixels of the control picture make one of the latents.
    var scale: Int { 1 << (pictureWidths.count - 1) }

    /// Channels of each skip connection of a contracting half, from `conv_in` down.
    static func skipChannels(of encoder: UNetConfiguration) -> [Int] {
        var result = [encoder.down[0].channels]
        for (number, level) in encoder.down.enumerated() {
            let isLast = number == encoder.down.count - 1
            result += Array(repeating: level.channels, count: level.layers + (isLast ? 0 : 1))
        }
        return result
    }
}
