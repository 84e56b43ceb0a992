import Foundation
import Generation

extension PixelImage {
    /// Grey edges on black: the gradient's length of the slightly smoothed luma, the strongest white.
    func softEdges() -> PixelImage {
        let plane = GrayPlane(self).blurred(sigma: 1)
        let (width, height) = (width, height)
        var lengths = [Float](repeating: 0, count: width * height)
        for y in 0..<height {
            for x in 0..<width {
                func value(_ dx: Int, _ dy: Int) -> Float {
                    let column = min(max(x + dx, 0), width - 1)
                    return plane.values[min(max(y + dy, 0), height - 1) * width + column]
                }
                let across =
                    value(1, -1) + 2 * value(1, 0) + value(1, 1) - value(-1, -1)
                    - 2 * value(-1, 0) - value(-1, 1)
                let down =
                    value(-1, 1) + 2 * value(0, 1) + value(1, 1) - value(-1, -1)
                    - 2 * value(0, -1) - value(1, -1)
                lengths[y * width + x] = (across * across + down * down).squareRoot()
            }
        }
        let strongest = max(lengths.max() ?? 0, 32)
        return PixelImage(
            planes: GrayPlane(
                width: width, height: height, values: lengths.map { $0 / strongest * 255 }))
    }

    /// White lines on black where a channel is darker than a wide blur of it; the median of the
    /// visible lines becomes half white. The rule of the "standard" lineart preprocessor.
    func lines() -> PixelImage {
        let channels = (0..<3).map { GrayPlane(self, channel: $0) }
        let blurred = channels.map { $0.blurred(sigma: 6) }
        let depths = (0..<(width * height)).map { pixel -> Float in
            let differences = (0..<3).map {
                blurred[$0].values[pixel] - channels[$0].values[pixel]
            }
            return min(max(differences.min() ?? 0, 0), 255)
        }
        let visible = depths.filter { $0 > 8 }.sorted()
        let median = visible.isEmpty ? 16 : Self.median(visible)
        return PixelImage(
            planes: GrayPlane(
                width: width, height: height, values: depths.map { $0 / max(16, median) * 127 }))
    }

    private static func median(_ sorted: [Float]) -> Float {
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
