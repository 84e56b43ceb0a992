/// Linear multistep of order 4 (Adams-Bashforth on uneven levels, k-diffusion's `sample_lms`), as
/// diffusers' `LMSDiscreteScheduler`.
struct LMSScheduler: SigmaScheduler {
    private static let largestOrder = 4

    var run: SigmaRun
    /// Newest last.
    private var derivatives: [[Float]] = []

    init(_ run: SigmaRun) { self.run = run }

    mutating func forget() { derivatives = [] }

    mutating func step(
        modelOutput: [Float], sample: [Float], noise: () -> [Float]
    ) -> [Float] {
        let index = run.callIndex
        let sigma = run.sigmas[index]
        let clean = run.denoised(modelOutput, sample, sigma: sigma)
        derivatives.append(Elementwise.map(sample, clean) { ($0 - $1) / sigma })
        if derivatives.count > Self.largestOrder { derivatives.removeFirst() }
        // The order follows the level, not the history: a run that begins late uses the first
        // coefficients of the full order.
        let order = min(index + 1, Self.largestOrder)
        var sum = [Float](repeating: 0, count: sample.count)
        for (current, derivative) in zip(0..<order, derivatives.reversed()) {
            let weight = Float(coefficient(order: order, at: index, current))
            sum = Elementwise.map(sum, derivative) { $0 + weight * $1 }
        }
        run.callIndex += 1
        return Elementwise.map(sample, sum) { $0 + $1 }
    }

    /// The integral of a Lagrange basis polynomial over the step, by Gauss-Legendre quadrature with
    /// four nodes (exact for these cubics).
    private func coefficient(order: Int, at index: Int, _ current: Int) -> Double {
        let nodes = [
            (-0.861_136_311_594_052_575_2, 0.347_854_845_137_453_857_4),
            (-0.339_981_043_584_856_264_8, 0.652_145_154_862_546_142_6),
            (0.339_981_043_584_856_264_8, 0.652_145_154_862_546_142_6),
            (0.861_136_311_594_052_575_2, 0.347_854_845_137_453_857_4),
        ]
        let start = Double(run.sigmas[index])
        let end = Double(run.sigmas[index + 1])
        let half = (end - start) / 2
        return nodes.reduce(0) { sum, node in
            let tau = (start + end) / 2 + half * node.0
            var product = 1.0
            for other in 0..<order where other != current {
                let pole = Double(run.sigmas[index - other])
                product *= (tau - pole) / (Double(run.sigmas[index - current]) - pole)
            }
            return sum + half * node.1 * product
        }
    }
}
