import CKernels
import Foundation

/// Naive operations in Double over plain arrays, which the kernels are compared with.
enum Reference {
    /// A deterministic sequence of numbers in -1...1.
    static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
        }
    }

    /// The nearest bf16 values.
    static func rounded(_ x: [Float]) -> [Float] {
        x.map { Float(bitPattern: UInt32(ck_bf16_from_float($0)) << 16) }
    }

    /// x [rows, inputs] times w [outputs, inputs] transposed, plus bias.
    static func linear(
        _ x: [Float], _ w: [Float], _ bias: [Float]?, inputs: Int, outputs: Int
    ) -> [Double] {
        let rows = inputs == 0 ? 0 : x.count / inputs
        var result = [Double](repeating: 0, count: rows * outputs)
        for row in 0..<rows {
            for output in 0..<outputs {
                var sum = Double(bias?[output] ?? 0)
                for i in 0..<inputs {
                    sum += Double(x[row * inputs + i]) * Double(w[output * inputs + i])
                }
                result[row * outputs + output] = sum
            }
        }
        return result
    }

    /// One output of a convolution: x [H, W, inputs] of one picture under w [outputs, inputs, kh, kw].
    struct Convolution {
        var height: Int
        var width: Int
        var inputs: Int
        var outputs: Int
        var kernel: (height: Int, width: Int)
        var stride = 1
        var pad: (top: Int, left: Int, bottom: Int, right: Int)

        var outHeight: Int { (height + pad.top + pad.bottom - kernel.height) / stride + 1 }
        var outWidth: Int { (width + pad.left + pad.right - kernel.width) / stride + 1 }

        /// Pictures [N, H, W, inputs] to [N, H', W', outputs].
        func run(_ x: [Float], _ w: [Float], _ bias: [Float], pictures: Int) -> [Double] {
            var result: [Double] = []
            for picture in 0..<pictures {
                for y in 0..<outHeight {
                    for column in 0..<outWidth {
                        for output in 0..<outputs {
                            result.append(
                                Double(bias[output])
                                    + sum(x, w, picture, y * stride, column * stride, output))
                        }
                    }
                }
            }
            return result
        }

        private func sum(
            _ x: [Float], _ w: [Float], _ picture: Int, _ top: Int, _ left: Int, _ output: Int
        ) -> Double {
            var sum = 0.0
            for ky in 0..<kernel.height {
                for kx in 0..<kernel.width {
                    let (row, column) = (top + ky - pad.top, left + kx - pad.left)
                    guard row >= 0, row < height, column >= 0, column < width else { continue }
                    let at = ((picture * height + row) * width + column) * inputs
                    for i in 0..<inputs {
                        let tap = ((output * inputs + i) * kernel.height + ky) * kernel.width + kx
                        sum += Double(x[at + i]) * Double(w[tap])
                    }
                }
            }
            return sum
        }
    }

    /// softmax(scale q k^T) v per head, q [B, Q, heads * dim], k and v [B, K, heads * dim].
    static func attention(
        _ q: [Float], _ k: [Float], _ v: [Float], batch: Int, heads: Int, dim: Int,
        causal: Bool = false
    ) -> [Double] {
        let width = heads * dim
        let (queries, keys) = (q.count / batch / width, k.count / batch / width)
        var result = [Double](repeating: 0, count: q.count)
        for b in 0..<batch {
            for head in 0..<heads {
                for row in 0..<queries {
                    let at = (b * queries + row) * width + head * dim
                    let seen = causal ? min(keys, row + 1) : keys
                    let scores = (0..<seen).map { key in
                        (0..<dim).reduce(0.0) { sum, d in
                            let other = (b * keys + key) * width + head * dim + d
                            return sum + Double(q[at + d]) * Double(k[other])
                        } / Double(dim).squareRoot()
                    }
                    let highest = scores.max() ?? 0
                    let weights = scores.map { exp($0 - highest) }
                    let total = weights.reduce(0, +)
                    for d in 0..<dim {
                        let sum = (0..<seen).reduce(0.0) { sum, key in
                            sum + weights[key]
                                * Double(v[(b * keys + key) * width + head * dim + d])
                        }
                        result[at + d] = sum / total
                    }
                }
            }
        }
        return result
    }

    /// Group normalisation of [pictures, pixels, channels].
    static func groupNorm(
        _ x: [Float], _ gamma: [Float], _ beta: [Float], pictures: Int, groups: Int,
        epsilon: Double, silu: Bool
    ) -> [Double] {
        let channels = gamma.count, size = channels / groups
        let pixels = x.count / pictures / channels
        var result = [Double](repeating: 0, count: x.count)
        for picture in 0..<pictures {
            for group in 0..<groups {
                let indices = (0..<pixels).flatMap { pixel in
                    (0..<size).map { (picture * pixels + pixel) * channels + group * size + $0 }
                }
                let mean = indices.map { Double(x[$0]) }.reduce(0, +) / Double(indices.count)
                let variance =
                    indices.map { pow(Double(x[$0]) - mean, 2) }.reduce(0, +)
                    / Double(indices.count)
                for index in indices {
                    let y = (Double(x[index]) - mean) / (variance + epsilon).squareRoot()
                    let z = y * Double(gamma[index % channels]) + Double(beta[index % channels])
                    result[index] = silu ? z / (1 + exp(-z)) : z
                }
            }
        }
        return result
    }

    static func silu(_ x: Double) -> Double { x / (1 + exp(-x)) }
    static func gelu(_ x: Double) -> Double { x * 0.5 * (1 + erf(x / 2.0.squareRoot())) }
    static func quickGelu(_ x: Double) -> Double { x / (1 + exp(-1.702 * x)) }

    /// The largest absolute difference; infinite for other counts, NaN when one side has one.
    static func distance(_ x: [Float], _ y: [Double]) -> Double {
        guard x.count == y.count else { return .infinity }
        return zip(x, y).map { abs(Double($0) - $1) }.reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
    }
}
