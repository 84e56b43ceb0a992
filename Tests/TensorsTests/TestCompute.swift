import Tensors

/// One way to run the operations: an instruction level, a precision and a product engine.
struct Setting: Sendable, CustomStringConvertible {
    let level: InstructionLevel
    let precision: Precision
    var engine = ProductEngine.kernels

    /// Every level that this machine can run, in both precisions, and both with oneDNN.
    static let all =
        InstructionLevel.allCases.filter { $0 <= .best }.flatMap { level in
            Precision.allCases.map { Setting(level: level, precision: $0) }
        }
        + Precision.allCases.map { Setting(level: .best, precision: $0, engine: .oneDNN) }

    /// The best level in both precisions.
    static let best = Precision.allCases.map { Setting(level: .best, precision: $0) }

    var description: String { "\(level.name) \(precision) \(engine)" }

    func compute(threads: Int = 2) throws -> Compute {
        var options = ComputeOptions(threads: threads, precision: precision, level: level)
        options.products = engine
        return try Compute(options)
    }

    /// Numbers in -1...1 that the precision holds exactly.
    func numbers(_ count: Int, seed: UInt64) -> [Float] {
        let numbers = Reference.numbers(count, seed: seed)
        return precision == .float32 ? numbers : Reference.rounded(numbers)
    }

    /// What an f32 result may differ by, and one rounded to the precision of size up to `size`.
    func tolerance(_ exact: Double, size: Double) -> Double {
        precision == .float32 ? exact : exact + size / 256
    }
}

/// Stored f32 weights of these numbers.
func stored(_ floats: [Float], _ shape: [Int]) -> StoredTensor {
    StoredTensor(floats: floats, shape: shape)
}
