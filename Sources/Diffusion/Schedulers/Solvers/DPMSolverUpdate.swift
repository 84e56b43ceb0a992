import Foundation

/// The exponential-integrator step that the multistep and the singlestep DPM-Solver share: a linear
/// combination of the sample, the differences of the model's outputs and, for the SDE, noise.
///
/// Lu et al. 2022, "DPM-Solver" (noise prediction) and "DPM-Solver++" (data prediction).
struct DPMSolverUpdate: Sendable {
    /// What is integrated.
    enum Algorithm: String, Sendable {
        case data = "dpmsolver++"
        case noise = "dpmsolver"
        case sdeData = "sde-dpmsolver++"
        case sdeNoise = "sde-dpmsolver"

        init(
            _ configuration: SchedulerConfiguration, for solver: SolverClass
        ) throws(SchedulerError) {
            let name = configuration.algorithmType ?? "dpmsolver++"
            guard solver == .dpmMultistep || solver == .dpmSinglestep else {
                self = .data
                return
            }
            guard let known = Algorithm(rawValue: name == "deis" ? "dpmsolver++" : name) else {
                throw .unsupportedConfiguration(key: "algorithm_type", value: name)
            }
            self = known
        }

        /// Whether the model's output is turned into a clean sample (else into noise).
        var predictsData: Bool { self == .data || self == .sdeData }
        /// Whether each step draws noise.
        var isStochastic: Bool { self == .sdeData || self == .sdeNoise }
        /// Whether the last level may be zero.
        var reachesZero: Bool { predictsData }
    }

    let algorithm: Algorithm
    /// Heun's weights for the first difference instead of the midpoint's.
    let usesHeun: Bool

    /// The factors of one step.
    struct Weights {
        let sample: Float
        let noise: Float
        /// Of the output and its first and second differences.
        let outputs: (Float, Float, Float)
    }

    /// The factors from one level to another, by order.
    ///
    /// - Parameter isThird: whether the second difference takes part.
    func weights(
        from start: VariancePreservingLevel, to end: VariancePreservingLevel, isThird: Bool = false
    ) -> Weights {
        let h = end.lambda - start.lambda
        let heun = usesHeun || isThird
        switch algorithm {
        case .data:
            let phi = exp(-h) - 1
            return Weights(
                sample: end.sigma / start.sigma, noise: 0,
                outputs: (
                    -(end.alpha * phi),
                    heun ? end.alpha * (phi / h + 1) : -(0.5 * (end.alpha * phi)),
                    -(end.alpha * ((phi + h) / (h * h) - 0.5))
                ))
        case .noise:
            let phi = exp(h) - 1
            return Weights(
                sample: end.alpha / start.alpha, noise: 0,
                outputs: (
                    -(end.sigma * phi),
                    heun ? -(end.sigma * (phi / h - 1)) : -(0.5 * (end.sigma * phi)),
                    -(end.sigma * ((phi - h) / (h * h) - 0.5))
                ))
        case .sdeData:
            let rest = 1 - exp(-2 * h)
            let twice = -2 * h
            return Weights(
                sample: end.sigma / start.sigma * exp(-h),
                noise: end.sigma * rest.squareRoot(),
                outputs: (
                    end.alpha * rest,
                    heun ? end.alpha * (rest / twice + 1) : 0.5 * (end.alpha * rest),
                    end.alpha * ((rest + twice) / (twice * twice) - 0.5)
                ))
        case .sdeNoise:
            let phi = exp(h) - 1
            return Weights(
                sample: end.alpha / start.alpha,
                noise: end.sigma * (exp(2 * h) - 1).squareRoot(),
                outputs: (
                    -(2 * (end.sigma * phi)),
                    usesHeun ? -(2 * (end.sigma * (phi / h - 1))) : -(end.sigma * phi), 0
                ))
        }
    }

    /// The next sample from the output and its differences, lowest order first.
    func combine(
        _ weights: Weights, sample: [Float], outputs: [[Float]], noise: [Float]?
    ) -> [Float] {
        let factors = [weights.outputs.0, weights.outputs.1, weights.outputs.2]
        var result = Elementwise.map(sample) { weights.sample * $0 }
        for (factor, output) in zip(factors, outputs) {
            result = Elementwise.map(result, output) { $0 + factor * $1 }
        }
        guard let noise else { return result }
        return Elementwise.map(result, noise) { $0 + weights.noise * $1 }
    }
}
