import CKernels
import COneDNN
import COpenBLAS

/// What the machine offers to the kernels, for `latent doctor` and `latent bench`.
public struct MachineReport: Sendable, Equatable {
    /// Instruction sets that matter here, e.g. ["avx2", "fma", "avx512"].
    public var features: [String]
    /// The instructions that will be used.
    public var level: InstructionLevel
    /// The oneDNN library found at run time, e.g. "2.6.3".
    public var oneDNNVersion: String
    /// The OpenBLAS library found at run time and the kernels it chose, e.g. "0.3.21 Haswell".
    public var openBLASVersion: String

    /// Looks at this machine.
    public init() {
        var text = [CChar](repeating: 0, count: 256)
        ck_cpu_features(&text, text.count)
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        features = String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
        level = .best
        let version = od_version()
        oneDNNVersion = "\(version / 10000).\(version / 100 % 100).\(version % 100)"
        let words = String(cString: openblas_get_config()).split(separator: " ")
        let number = words.dropFirst().first.map { String($0) } ?? "unknown"
        openBLASVersion = number + " " + String(cString: openblas_get_corename())
    }

    /// The machine's matrix rate in 1e9 operations per second: a product whose operands stay in
    /// the caches, in the precision (int8 where it quantizes) and with the threads of `compute`. Takes about a second.
    public static func matrixPeak(in compute: Compute) throws -> Double {
        let (rows, inputs, outputs) = (768 * compute.options.threads, 1024, 256)
        let weights = try LinearWeights(
            .random([outputs, inputs], seed: 1, in: compute),
            quantized: compute.options.quantizes, in: compute)
        let x = try compute.random([rows, inputs])
        let operations = 2 * Double(rows * inputs * outputs)
        var best = 0.0
        let start = ContinuousClock.now
        repeat {
            let before = ContinuousClock.now
            _ = try compute.linear(x, weights)
            best = max(best, operations / (ContinuousClock.now - before).seconds / 1e9)
        } while ContinuousClock.now - start < .seconds(1)
        return best
    }
}
