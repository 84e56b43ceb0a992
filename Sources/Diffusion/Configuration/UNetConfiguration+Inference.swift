extension UNetConfiguration {
    /// Reads the shape from tensor names and shapes, for checkpoints without a configuration.
    ///
    /// Names do not tell how many heads share a width; every SDXL relative and Stable Diffusion 2
    /// use 64 channels a head, Stable Diffusion 1 (with convolutions as projections) eight heads,
    /// and all 32 groups.
    ///
    /// - Throws: ``WeightsError`` when the tensors are not those of such a network.
    static func infer(from index: TensorIndex) throws(WeightsError) -> UNetConfiguration {
        guard let convOut = index.shape("conv_out.weight"), convOut.count == 4 else {
            throw .notAModel(path: index.source, reason: "its UNet's tensors are not there")
        }
        let upCount = index.count("up_blocks.")
        guard upCount == index.count("down_blocks.") else {
            throw .notAModel(path: index.source, reason: "its UNet has no matching levels")
        }
        var configuration = try inferDownPath(from: index, upCount: upCount)
        configuration.outChannels = convOut[0]
        return configuration
    }

    /// The shape of a network that has the contracting half and `upCount` levels of the other.
    static func inferDownPath(
        from index: TensorIndex, upCount: Int = 0
    ) throws(WeightsError) -> UNetConfiguration {
        guard let convIn = index.shape("conv_in.weight"), convIn.count == 4,
            let time = index.shape("time_embedding.linear_1.weight"), time.count == 2
        else { throw .notAModel(path: index.source, reason: "its UNet's tensors are not there") }
        let downCount = index.count("down_blocks.")
        guard (1...maximumLevels).contains(downCount) else {
            throw .notAModel(path: index.source, reason: "its UNet has no levels")
        }
        var reader = LevelReader(index: index)
        var down: [Level] = []
        for number in 0..<downCount { down.append(try reader.level("down_blocks.\(number).")) }
        var up: [Level] = []
        for number in 0..<upCount { up.append(try reader.level("up_blocks.\(number).")) }
        let middle = reader.middle()
        // Only a contracting half may do without: then nothing tells the width, nor asks for it.
        guard let contextWidth = reader.contextWidth ?? (upCount == 0 ? 0 : nil) else {
            throw .notAModel(path: index.source, reason: "its UNet has no cross-attention")
        }
        if !reader.usesLinearProjection {
            // Stable Diffusion 1: eight heads at every width.
            for level in down.indices { down[level].heads = 8 }
            for level in up.indices { up[level].heads = 8 }
        }
        var configuration = UNetConfiguration(
            down: down, middle: middle, up: up, contextWidth: contextWidth,
            timeEmbeddingWidth: time[0])
        configuration.inChannels = convIn[1]
        configuration.usesLinearProjection = reader.usesLinearProjection
        configuration.guidanceEmbeddingWidth =
            index.shape("time_embedding.cond_proj.weight")?.last
        if let added = index.shape("add_embedding.linear_1.weight"), added.count == 2 {
            configuration.additionInputWidth = added[1]
            configuration.additionTimeWidth = 256
        }
        try configuration.checkInference(index)
        return configuration
    }

    private func checkInference(_ index: TensorIndex) throws(WeightsError) {
        for level in down + up {
            guard level.channels % normGroups == 0,
                level.transformerDepths == nil || level.channels % 64 == 0
            else {
                throw .notAModel(
                    path: index.source,
                    reason: "a level has \(level.channels) channels, and without a configuration "
                        + "only multiples of 64 can be understood; use a diffusers folder")
            }
        }
    }
}

/// Reads levels and notes what all transformers have in common.
private struct LevelReader {
    let index: TensorIndex
    var contextWidth: Int?
    var usesLinearProjection = true

    mutating func level(_ prefix: String) throws(WeightsError) -> UNetConfiguration.Level {
        let layers = index.count(prefix + "resnets.")
        guard layers > 0, let shape = index.shape(prefix + "resnets.0.conv2.weight"),
            shape.count == 4, UNetConfiguration.widths.contains(shape[0])
        else {
            throw .notAModel(path: index.source, reason: "\(prefix)resnets cannot be understood")
        }
        let attentions = index.count(prefix + "attentions.")
        guard attentions == 0 || attentions == layers else {
            throw .notAModel(
                path: index.source, reason: "\(prefix) has \(attentions) transformers for \(layers)"
            )
        }
        var depths: [Int] = []
        for number in 0..<attentions { depths.append(depth(prefix + "attentions.\(number).")) }
        return UNetConfiguration.Level(
            channels: shape[0], layers: layers, transformerDepths: depths.isEmpty ? nil : depths,
            heads: max(1, shape[0] / 64))
    }

    mutating func middle() -> UNetConfiguration.Middle {
        if index.contains(prefix: "mid_block.attentions.0.") {
            return .crossAttention(depth: depth("mid_block.attentions.0."))
        }
        return index.contains(prefix: "mid_block.resnets.") ? .plain : .none
    }

    private mutating func depth(_ prefix: String) -> Int {
        if let key = index.shape(prefix + "transformer_blocks.0.attn2.to_k.weight") {
            contextWidth = key.last
        }
        if let projection = index.shape(prefix + "proj_in.weight") {
            usesLinearProjection = projection.count == 2
        }
        return index.count(prefix + "transformer_blocks.")
    }
}
