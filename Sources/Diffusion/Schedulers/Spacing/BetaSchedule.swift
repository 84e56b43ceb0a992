import Foundation

/// The variances of the training noise, one per timestep.
enum BetaSchedule: Sendable {
    case linear(start: Double, end: Double)
    case scaledLinear(start: Double, end: Double)
    /// `betas_for_alpha_bar` of a named curve.
    case alphaBar(String)
    case sigmoid(start: Double, end: Double)
    case trained([Double])

    init(
        _ configuration: SchedulerConfiguration, for solver: SolverClass
    ) throws(SchedulerError) {
        if let betas = configuration.trainedBetas {
            self = .trained(betas)
            return
        }
        let start = configuration.betaStart ?? (solver.defaultsToLatentBetas ? 0.00085 : 0.0001)
        let end = configuration.betaEnd ?? (solver.defaultsToLatentBetas ? 0.012 : 0.02)
        let isDistilled = solver == .lcm || solver == .tcd
        switch configuration.betaSchedule ?? (isDistilled ? "scaled_linear" : "linear") {
        case "linear": self = .linear(start: start, end: end)
        case "scaled_linear": self = .scaledLinear(start: start, end: end)
        case "squaredcos_cap_v2": self = .alphaBar("cosine")
        case "exp" where solver == .heun: self = .alphaBar("exp")
        case "laplace" where solver == .ddpm: self = .alphaBar("laplace")
        case "sigmoid" where solver == .ddpm: self = .sigmoid(start: start, end: end)
        case let other: throw .unsupportedConfiguration(key: "beta_schedule", value: other)
        }
    }

    /// Whether this is the cosine schedule, whose timesteps some solvers do not round.
    var isCosine: Bool {
        if case .alphaBar("cosine") = self { return true }
        return false
    }

    /// The float32 betas.
    func betas(count: Int) -> [Float] {
        switch self {
        case .linear(let start, let end):
            return torchLinspace(start, end, count: count)
        case .scaledLinear(let start, let end):
            return torchLinspace(start.squareRoot(), end.squareRoot(), count: count).map { $0 * $0 }
        case .alphaBar(let curve):
            return (0..<count).map { step in
                let before = Self.alphaBar(curve, Double(step) / Double(count))
                let after = Self.alphaBar(curve, Double(step + 1) / Double(count))
                return Float(min(1 - after / before, 0.999))
            }
        case .sigmoid(let start, let end):
            return torchLinspace(-6, 6, count: count).map {
                1 / (1 + exp(-$0)) * Float(end - start) + Float(start)
            }
        case .trained(let betas): return betas.map { Float($0) }
        }
    }

    private static func alphaBar(_ curve: String, _ t: Double) -> Double {
        switch curve {
        case "exp": return exp(t * -12)
        case "laplace":
            let side: Double = 0.5 - t < 0 ? -1 : 1
            let snr = exp(-0.5 * side * log(1 - 2 * abs(0.5 - t) + 1e-6))
            return (snr / (1 + snr)).squareRoot()
        default:
            let cosine = cos((t + 0.008) / 1.008 * Double.pi / 2)
            return cosine * cosine
        }
    }
}

/// `torch.linspace` in float32: each half counts from its own end, with one rounding per value.
private func torchLinspace(_ start: Double, _ end: Double, count: Int) -> [Float] {
    let first = Float(start)
    let last = Float(end)
    guard count > 1 else { return [first] }
    let step = (last - first) / Float(count - 1)
    return (0..<count).map { index in
        index < count / 2
            ? first.addingProduct(step, Float(index))
            : last.addingProduct(-step, Float(count - 1 - index))
    }
}
