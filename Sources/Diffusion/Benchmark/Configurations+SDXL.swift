extension UNetConfiguration {
    /// SDXL base 1.0: 2.57 billion parameters.
    static let sdxl: UNetConfiguration = {
        let widths = [320, 640, 1280]
        let depths = [nil, 2, 10]
        func level(_ index: Int, layers: Int) -> Level {
            Level(
                channels: widths[index], layers: layers,
                transformerDepths: depths[index].map { Array(repeating: $0, count: layers) },
                heads: widths[index] / 64)
        }
        var configuration = UNetConfiguration(
            down: [0, 1, 2].map { level($0, layers: 2) }, middle: .crossAttention(depth: 10),
            up: [2, 1, 0].map { level($0, layers: 3) }, contextWidth: 2048,
            timeEmbeddingWidth: 1280)
        configuration.additionTimeWidth = 256
        configuration.additionInputWidth = 2816
        return configuration
    }()
}

extension ControlNetConfiguration {
    /// Those for SDXL with all transformers of the UNet's contracting half, as
    /// `diffusers/controlnet-canny-sdxl-1.0`.
    static let sdxl = besideSDXL { _ in }
    /// Those without any attention, as `diffusers/controlnet-canny-sdxl-1.0-small`: the middle's
    /// transformer has no layer.
    static let smallSDXL = besideSDXL { encoder in
        for index in encoder.down.indices { encoder.down[index].transformerDepths = nil }
        encoder.middle = .crossAttention(depth: 0)
    }

    private static func besideSDXL(
        _ change: (inout UNetConfiguration) -> Void
    ) -> ControlNetConfiguration {
        var encoder = UNetConfiguration.sdxl
        encoder.up = []
        change(&encoder)
        return ControlNetConfiguration(encoder: encoder, pictureWidths: [16, 32, 96, 256])
    }
}

extension CLIPTextConfiguration {
    /// OpenAI's CLIP ViT-L/14, SDXL's first encoder.
    static let clipL = CLIPTextConfiguration(
        vocabularySize: 49408, hiddenSize: 768, intermediateSize: 3072, layers: 12, heads: 12,
        activation: .quickGELU)
    /// OpenCLIP ViT-bigG/14, SDXL's second encoder.
    static let openCLIPBigG = CLIPTextConfiguration(
        vocabularySize: 49408, hiddenSize: 1280, intermediateSize: 5120, layers: 32, heads: 20,
        activation: .gelu, projectionSize: 1280)
}

extension VAEConfiguration {
    /// SDXL's autoencoder.
    static let sdxl = VAEConfiguration(channels: [128, 256, 512, 512])
}
