import CPixels
import Foundation
import Generation

extension PixelImage {
    /// Peak signal-to-noise ratio in dB over all bytes: infinite for equal pictures, nil when the
    /// sizes differ.
    public func peakSignalToNoiseRatio(to other: PixelImage) -> Double? {
        guard width == other.width, height == other.height else { return nil }
        let sum = cpixels_squared_difference(rgb, other.rgb, rgb.count)
        guard sum > 0 else { return .infinity }
        return 10 * log10(255 * 255 * Double(rgb.count) / Double(sum))
    }
}
