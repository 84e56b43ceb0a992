extension VAEConfiguration {
    /// Reads the shape from canonical tensor names and shapes, with SDXL's groups and scaling.
    static func infer(from index: TensorIndex) throws(WeightsError) -> VAEConfiguration {
        guard let convIn = index.shape("decoder.conv_in.weight"), convIn.count == 4 else {
            throw .notAModel(path: index.source, reason: "its VAE's tensors are not there")
        }
        let levels = index.count("decoder.up_blocks.")
        var channels: [Int] = []
        for level in (0..<min(levels, 16)).reversed() {
            let shape = index.shape("decoder.up_blocks.\(level).resnets.0.conv2.weight")
            channels.append(shape?.first ?? 0)
        }
        guard (1...8).contains(levels), channels.allSatisfy({ $0 > 0 && $0 % 32 == 0 }) else {
            throw .notAModel(path: index.source, reason: "its VAE's levels cannot be understood")
        }
        var configuration = VAEConfiguration(channels: channels)
        configuration.layers = max(1, index.count("decoder.up_blocks.0.resnets.") - 1)
        configuration.latentChannels = convIn[1]
        configuration.hasMiddleAttention = index.contains(prefix: "decoder.mid_block.attentions.")
        configuration.hasQuantConvolution = index.contains(prefix: "quant_conv.")
        configuration.hasPostQuantConvolution = index.contains(prefix: "post_quant_conv.")
        return configuration
    }
}
