import Foundation
import Generation
import Images
import Terminal

/// How long encoding a picture as sixel takes, as the studio does it: a finished picture pixel by
/// pixel within its bytes, and a preview of an eighth of its size enlarged to it.
struct SixelMeasurement {
    /// Pixels.
    let (width, height): (Int, Int)
    /// Milliseconds of each repetition, in order of size.
    let finished: [Double]
    let preview: [Double]
    /// Bytes of the sequences.
    let finishedBytes: Int
    let previewBytes: Int

    private static let repetitions = 15

    /// Measures on this thread.
    ///
    /// - Throws: ``GraphicsError`` when libsixel fails.
    init(_ image: PixelImage) throws {
        (width, height) = (image.width, image.height)
        let small = image.resized(
            width: max(1, image.width / 8), height: max(1, image.height / 8))
        (finished, finishedBytes) = try Self.time(image, as: image)
        (preview, previewBytes) = try Self.time(small, as: image)
    }

    private static func time(_ image: PixelImage, as shown: PixelImage) throws -> ([Double], Int) {
        let encoder = SixelEncoder(for: TerminalCapabilities())
        let limit = SixelEncoder.byteLimit(width: shown.width, height: shown.height)
        var (times, bytes): ([Double], Int) = ([], 0)
        for _ in 0..<repetitions {
            let start = ContinuousClock.now
            bytes = try encoder.encode(
                image, width: shown.width, height: shown.height, byteLimit: limit
            ).bytes.count
            times.append(start.duration(to: .now) / .milliseconds(1))
        }
        return (times.sorted(), bytes)
    }

    /// The figures in one line.
    var text: String {
        "sixel \(width)x\(height): \(Self.text(finished)), \(finishedBytes) bytes; "
            + "a preview of it: \(Self.text(preview)), \(previewBytes) bytes"
    }

    private static func text(_ times: [Double]) -> String {
        let figures = [times[times.count / 2], times[0], times[times.count - 1]].map {
            String(format: "%.1f", $0)
        }
        return "\(figures[0]) ms (\(figures[1]) to \(figures[2]))"
    }
}
