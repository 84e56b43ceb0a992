import CKernels
import Tensors

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
        let rows = x.count / inputs
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

    /// The largest absolute difference.
    static func distance(_ x: [Float], _ y: [Double]) -> Double {
        guard x.count == y.count else { return .infinity }
        return zip(x, y).map { abs(Double($0) - $1) }.reduce(0) { $1 > $0 || $1.isNaN ? $1 : $0 }
    }
}
