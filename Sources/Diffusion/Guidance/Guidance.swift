/// Classifier-free guidance (Ho and Salimans 2022) with the rescaling of Lin et al. 2023, on one
/// picture's predictions, `[4, h/8, w/8]` flat.
public struct Guidance: Hashable, Sendable {
    /// How far beyond the prompted prediction to go; 1 is the prompted prediction itself.
    public var scale: Double
    /// How much of the prompted prediction's contrast to restore, 0...1.
    public var rescale: Double

    /// Guidance of a scale; at 1 or below only the prompted branch is needed.
    public init(scale: Double, rescale: Double = 0) {
        self.scale = scale
        self.rescale = rescale
    }

    /// Whether the unprompted branch has to run at all.
    public var needsUnconditional: Bool { scale > 1 }

    /// The guided prediction of one picture.
    ///
    /// - Parameters:
    ///   - unconditional: the prediction for the negative prompt.
    ///   - conditional: the prediction for the prompt.
    public func combine(unconditional: [Float], conditional: [Float]) -> [Float] {
        let scale = Float(scale)
        let guided = Elementwise.map(unconditional, conditional) { $0 + scale * ($1 - $0) }
        guard rescale > 0 else { return guided }
        let factor = Self.deviation(conditional) / Self.deviation(guided)
        let share = Float(rescale)
        let rest = Float(1 - rescale)
        return Elementwise.map(guided) { share * ($0 * factor) + rest * $0 }
    }

    /// The sample standard deviation over a whole picture; sums in doubles.
    static func deviation(_ values: [Float]) -> Float {
        values.withUnsafeBufferPointer { values in
            var sum = 0.0
            for value in values { sum += Double(value) }
            let mean = sum / Double(values.count)
            var squares = 0.0
            for value in values { squares += (Double(value) - mean) * (Double(value) - mean) }
            return Float((squares / Double(values.count - 1)).squareRoot())
        }
    }
}
