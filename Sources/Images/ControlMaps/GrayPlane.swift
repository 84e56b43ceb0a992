import Foundation
import Generation

/// One number per pixel, row by row.
struct GrayPlane {
    let width: Int
    let height: Int
    var values: [Float]

    /// A plane of the given numbers.
    init(width: Int, height: Int, values: [Float]) {
        self.width = width
        self.height = height
        self.values = values
    }

    /// A picture's luma (ITU-R BT.601), 0 to 255.
    init(_ picture: PixelImage) {
        width = picture.width
        height = picture.height
        values = picture.rgb.withUnsafeBufferPointer { rgb in
            (0..<(picture.width * picture.height)).map { pixel in
                0.299 * Float(rgb[3 * pixel]) + 0.587 * Float(rgb[3 * pixel + 1])
                    + 0.114 * Float(rgb[3 * pixel + 2])
            }
        }
    }

    /// One channel of a picture, 0 to 255.
    init(_ picture: PixelImage, channel: Int) {
        width = picture.width
        height = picture.height
        values = stride(from: channel, to: picture.rgb.count, by: 3).map { Float(picture.rgb[$0]) }
    }

    /// The plane under a Gaussian of that deviation in pixels; edges are mirrored.
    func blurred(sigma: Float) -> GrayPlane {
        let radius = max(1, Int((4 * sigma).rounded()))
        var kernel = (-radius...radius).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
        let sum = kernel.reduce(0, +)
        kernel = kernel.map { $0 / sum }
        let rows = Self.filtered(values, lines: height, length: width, kernel)
        let columns = Self.filtered(
            Self.transposed(rows, width: width, height: height), lines: width, length: height,
            kernel)
        return GrayPlane(
            width: width, height: height,
            values: Self.transposed(columns, width: height, height: width))
    }

    /// Filters each of `lines` consecutive lines.
    private static func filtered(
        _ values: [Float], lines: Int, length: Int, _ kernel: [Float]
    ) -> [Float] {
        let radius = kernel.count / 2
        var result = [Float](repeating: 0, count: values.count)
        var padded = [Float](repeating: 0, count: length + 2 * radius)
        for line in 0..<lines {
            for index in padded.indices {
                padded[index] = values[line * length + mirrored(index - radius, length)]
            }
            for index in 0..<length {
                var sum: Float = 0
                for tap in kernel.indices { sum += kernel[tap] * padded[index + tap] }
                result[line * length + index] = sum
            }
        }
        return result
    }

    /// The index inside `0..<count` that a mirror at the first and last pixel shows.
    private static func mirrored(_ index: Int, _ count: Int) -> Int {
        guard count > 1 else { return 0 }
        let period = 2 * (count - 1)
        let folded = ((index % period) + period) % period
        return folded < count ? folded : period - folded
    }

    private static func transposed(_ values: [Float], width: Int, height: Int) -> [Float] {
        var result = [Float](repeating: 0, count: values.count)
        for y in 0..<height {
            for x in 0..<width { result[x * height + y] = values[y * width + x] }
        }
        return result
    }
}

extension PixelImage {
    /// A picture of planes with values from 0 to 255: one for grey, three for colours.
    init(planes: GrayPlane...) {
        let (width, height) = (planes[0].width, planes[0].height)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * 3)
        for pixel in 0..<(width * height) {
            for channel in 0..<3 {
                let plane = planes[min(channel, planes.count - 1)]
                bytes.append(UInt8(min(max(plane.values[pixel].rounded(), 0), 255)))
            }
        }
        self =
            PixelImage(width: width, height: height, rgb: bytes)
            ?? PixelImage(width: width, height: height, filledWith: (0, 0, 0))
    }

    /// The picture under a Gaussian of that deviation in pixels.
    func blurred(sigma: Float) -> PixelImage {
        let planes = (0..<3).map { GrayPlane(self, channel: $0).blurred(sigma: sigma) }
        return PixelImage(planes: planes[0], planes[1], planes[2])
    }

    /// The picture shrunk by `factor` and enlarged again.
    func withoutDetail(factor: Int) -> PixelImage {
        resized(width: max(1, width / factor), height: max(1, height / factor))
            .resized(width: width, height: height)
    }
}
