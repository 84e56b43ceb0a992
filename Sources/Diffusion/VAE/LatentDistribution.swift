import Foundation

/// What the VAE sees in a picture: a normal distribution per latent, in the sampler's scale.
struct LatentDistribution {
    private let mean: [Float]
    private let deviation: [Float]
    private let configuration: VAEConfiguration

    /// - Parameter moments: mean and log variance, `[2 * channels, h, w]`, as the encoder gives them.
    init(moments: [Float], configuration: VAEConfiguration) {
        let half = moments.count / 2
        mean = Array(moments[..<half])
        deviation = moments[half...].map { exp(0.5 * min(max($0, -30), 20)) }
        self.configuration = configuration
    }

    /// A draw, `[channels, h, w]`, from unit noise of the same shape.
    func sample(_ noise: [Float]) -> [Float] {
        let latents = zip(mean, zip(deviation, noise)).map { $0 + $1.0 * $1.1 }
        return configuration.scaled(latents)
    }
}

extension VAEConfiguration {
    /// What the encoder gives, `[channels, h, w]`, as the sampler works on it.
    func scaled(_ latents: [Float]) -> [Float] {
        let area = latents.count / max(latentChannels, 1)
        guard let statistics = latentStatistics else { return latents.map { $0 * scalingFactor } }
        return latents.enumerated().map { index, value in
            let channel = index / max(area, 1)
            return (value - statistics.mean[channel]) * scalingFactor
                / statistics.deviation[channel]
        }
    }
}
