import Foundation

/// Resizing with the filters and the fixed-point arithmetic of Pillow (`src/libImaging/Resample.c`,
/// 8 bits per channel), which diffusers prepares its pictures with: along one axis, rounded to bytes,
/// then along the other.
public enum ResamplingFilter: Sendable {
    /// Pillow's `LANCZOS`.
    case lanczos
    /// Pillow's `BICUBIC`, with a = -0.5.
    case bicubic

    /// Interleaved bytes.
    struct Plane {
        var width: Int
        var height: Int
        var channels: Int
        var bytes: [UInt8]
    }

    /// Bits behind the point of a weight.
    private static let precision = 32 - 8 - 2
    /// How far the filter reaches, in source pixels when enlarging.
    private var support: Double { self == .lanczos ? 3 : 2 }

    func resample(_ plane: Plane, width: Int, height: Int) -> Plane {
        // Pillow 13 takes the axis first that loses more rows; a row counts twice as much as a column.
        let losesRows = height < plane.height
        if losesRows, plane.height - height > 2 * (plane.width - width) {
            return resizedAlong(resizedDown(plane, to: height), to: width)
        }
        return resizedDown(resizedAlong(plane, to: width), to: height)
    }

    private func resizedAlong(_ plane: Plane, to width: Int) -> Plane {
        width == plane.width ? plane : Self.along(plane, taps(from: plane.width, to: width))
    }

    private func resizedDown(_ plane: Plane, to height: Int) -> Plane {
        height == plane.height ? plane : Self.down(plane, taps(from: plane.height, to: height))
    }

    /// The weights of one output position.
    private struct Tap {
        var first: Int
        var weights: [Int32]
    }

    private func taps(from: Int, to: Int) -> [Tap] {
        let scale = Double(from) / Double(to)
        let filterScale = max(scale, 1)
        let reach = support * filterScale
        return (0..<to).map { position in
            let center = (Double(position) + 0.5) * scale
            let first = max(0, Int(center - reach + 0.5))
            let last = min(from, Int(center + reach + 0.5))
            var weights = (first..<last).map {
                value((Double($0) - center + 0.5) * (1 / filterScale))
            }
            let sum = weights.reduce(0, +)
            if sum != 0 { weights = weights.map { $0 / sum } }
            let unit = Double(1 << Self.precision)
            return Tap(
                first: first,
                weights: weights.map { Int32(($0 < 0 ? -0.5 : 0.5) + $0 * unit) })
        }
    }

    private func value(_ x: Double) -> Double {
        guard x >= -support, x < support else { return 0 }
        switch self {
        case .lanczos: return Self.sinc(x) * Self.sinc(x / support)
        case .bicubic:
            let (a, x) = (-0.5, abs(x))
            return x < 1
                ? ((a + 2) * x - (a + 3)) * x * x + 1 : (((x - 5) * x + 8) * x - 4) * a
        }
    }

    private static func sinc(_ x: Double) -> Double {
        guard x != 0 else { return 1 }
        let angle = x * .pi
        return sin(angle) / angle
    }

    private static func byte(_ sum: Int32) -> UInt8 {
        UInt8(clamping: sum >> Int32(precision))
    }

    private static func along(_ plane: Plane, _ taps: [Tap]) -> Plane {
        let channels = plane.channels
        let row = taps.count * channels
        let bytes = [UInt8](unsafeUninitializedCapacity: plane.height * row) { out, count in
            plane.bytes.withUnsafeBufferPointer { source in
                for y in 0..<plane.height {
                    let line = y * plane.width * channels
                    for (x, tap) in taps.enumerated() {
                        for channel in 0..<channels {
                            var sum: Int32 = 1 << Int32(precision - 1)
                            var place = line + tap.first * channels + channel
                            for weight in tap.weights {
                                sum &+= Int32(source[place]) &* weight
                                place += channels
                            }
                            out[y * row + x * channels + channel] = byte(sum)
                        }
                    }
                }
            }
            count = plane.height * row
        }
        return Plane(width: taps.count, height: plane.height, channels: channels, bytes: bytes)
    }

    private static func down(_ plane: Plane, _ taps: [Tap]) -> Plane {
        let row = plane.width * plane.channels
        let bytes = [UInt8](unsafeUninitializedCapacity: taps.count * row) { out, count in
            plane.bytes.withUnsafeBufferPointer { source in
                for (y, tap) in taps.enumerated() {
                    for x in 0..<row {
                        var sum: Int32 = 1 << Int32(precision - 1)
                        var place = tap.first * row + x
                        for weight in tap.weights {
                            sum &+= Int32(source[place]) &* weight
                            place += row
                        }
                        out[y * row + x] = byte(sum)
                    }
                }
            }
            count = taps.count * row
        }
        return Plane(
            width: plane.width, height: taps.count, channels: plane.channels, bytes: bytes)
    }
}
