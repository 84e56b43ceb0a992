/// A second pass at a larger size: the request's size is the first pass's, the picture is `scale`
/// times as large.
public struct HiresPass: Hashable, Sendable, CustomStringConvertible {
    /// What is enlarged between the passes.
    public enum Upscaler: String, Codable, CaseIterable, Sendable {
        /// The first pass's latents, bilinearly; soft, wants a strength of 0.5 or more.
        case latent
        /// The first pass's picture, with a Lanczos filter.
        case pixels
    }

    /// Factor on both sides, above 1, up to 8.
    public var scale: Double
    /// Strength of the second pass, 0...1.
    public var strength: Double
    /// What is enlarged.
    public var upscaler: Upscaler

    /// Doubling with strength 0.5 is usual.
    public init(scale: Double, strength: Double = 0.5, upscaler: Upscaler = .latent) {
        self.scale = scale
        self.strength = strength
        self.upscaler = upscaler
    }

    /// As the command line takes it: `2.0:0.5`, `2.0:0.5:pixels`.
    public var description: String {
        let numbers = "\(scale):\(strength)"
        return upscaler == .latent ? numbers : "\(numbers):\(upscaler.rawValue)"
    }

    /// The size of the second pass in pixels, a multiple of `step` (rounded down, as A1111 does).
    public func size(width: Int, height: Int, step: Int) -> (width: Int, height: Int) {
        (
            max(step, Int(Double(width) * scale) / step * step),
            max(step, Int(Double(height) * scale) / step * step)
        )
    }
}

extension HiresPass: Codable {
    private enum CodingKeys: String, CodingKey { case scale, strength, upscaler }

    /// Reads the numbers; an absent upscaler is ``Upscaler/latent``.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        scale = try fields.decode(Double.self, forKey: .scale)
        strength = try fields.decodeIfPresent(Double.self, forKey: .strength) ?? 0.5
        upscaler = try fields.decodeIfPresent(Upscaler.self, forKey: .upscaler) ?? .latent
    }
}
