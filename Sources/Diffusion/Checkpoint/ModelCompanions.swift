import Foundation

/// Where the parts come from that a single file leaves out: people keep UNets without a VAE, or
/// without text encoders, beside a whole checkpoint of the same kind.
public struct ModelCompanions: Sendable {
    /// The VAE that the request names; it comes first.
    var vae: URL?
    /// Other checkpoints that are known, in the order in which they are asked.
    var checkpoints: [URL]

    /// - Parameter checkpoints: whole models that may lend parts.
    public init(vae: URL? = nil, checkpoints: [URL] = []) {
        self.vae = vae
        self.checkpoints = checkpoints
    }

    /// Text encoders as wide as `unet` reads, of the first checkpoint that has them.
    func encoders(
        for unet: Checkpoint.Network<UNetConfiguration>, in url: URL
    ) throws(WeightsError) -> Checkpoint {
        for candidate in checkpoints where candidate != url {
            guard let other = try? Checkpoint(candidate) else { continue }
            let (mine, theirs) = (unet.configuration, other.unet.configuration)
            if mine.contextWidth == theirs.contextWidth,
                mine.additionInputWidth == theirs.additionInputWidth
            {
                return other
            }
        }
        throw .notAModel(
            path: url.path,
            reason: "it holds no text encoders, and no known model has encoders that its UNet reads"
        )
    }

    /// The VAE that was named, or that of the first checkpoint of the same kind.
    func vae(
        readsSizes: Bool, in url: URL
    ) throws(WeightsError) -> (network: Checkpoint.Network<VAEConfiguration>, path: String) {
        if let vae {
            var network = try Checkpoint.vae(at: vae)
            if !readsSizes, !Checkpoint.tellsScale(vaeAt: vae) {
                network.configuration.scalingFactor = VAEConfiguration.stableDiffusionScaling
            }
            return (network, vae.path)
        }
        for candidate in checkpoints where candidate != url {
            guard let other = try? Checkpoint(candidate) else { continue }
            if other.family.readsSizes == readsSizes { return (other.vae, other.path) }
        }
        throw .notAModel(
            path: url.path, reason: "it holds no VAE; name one with --vae")
    }
}
