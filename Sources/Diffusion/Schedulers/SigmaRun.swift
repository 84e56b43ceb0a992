/// What the solvers that walk noise levels have in common: tables, position and the conversion of
/// predictions.
struct SigmaRun: Sendable {
    /// What the UNet is told at each call.
    var timesteps: [Float]
    /// One level per call, and the last.
    var sigmas: [Float]
    /// Whether latents are scaled by the solver (variance exploding) or keep unit variance.
    let prediction: PredictionType
    let initialNoiseSigma: Float
    var callIndex = 0

    /// - Parameters:
    ///   - levels: one level per step.
    ///   - final: the level after the last step.
    init(_ settings: SchedulerSettings, levels: NoiseLevels, final: Float) {
        timesteps = levels.timesteps.map { Float($0) }
        sigmas = levels.sigmas.map { Float($0) } + [final]
        prediction = settings.prediction
        let highest = sigmas.max() ?? 1
        if settings.solver.isDPMSolver {
            initialNoiseSigma = 1
        } else if settings.spacing == .leading {
            initialNoiseSigma = (highest * highest + 1).squareRoot()
        } else {
            initialNoiseSigma = highest
        }
        if settings.tellsLogSigma {
            timesteps = sigmas.dropLast().map { 0.25 * NumPyMath.log($0) }
        }
    }

    /// Doubles every table entry but the first for solvers with two calls per step; the final
    /// entry `copies` times.
    static func interleaved(_ values: [Float], finalCopies copies: Int) -> [Float] {
        guard let first = values.first, let last = values.last else { return [] }
        let inner = values.dropFirst().dropLast().flatMap { [$0, $0] }
        return [first] + inner + [Float](repeating: last, count: copies)
    }

    /// The UNet's input for latents at a level.
    static func scaled(_ sample: [Float], by sigma: Float) -> [Float] {
        let divisor = (sigma * sigma + 1).squareRoot()
        return Elementwise.map(sample) { $0 / divisor }
    }

    /// The clean sample a prediction implies at a level.
    func denoised(_ output: [Float], _ sample: [Float], sigma: Float) -> [Float] {
        switch prediction {
        case .epsilon: return Elementwise.map(sample, output) { $0 - sigma * $1 }
        case .sample: return output
        case .vPrediction:
            let variance = sigma * sigma + 1
            let outputShare = -sigma / variance.squareRoot()
            return Elementwise.map(sample, output) { $1 * outputShare + $0 / variance }
        }
    }
}

/// A scheduler whose tables and position live in a ``SigmaRun``, with latents of variance
/// sigma² + 1.
protocol SigmaScheduler: Scheduler {
    var run: SigmaRun { get set }
    /// Drops what earlier steps left behind.
    mutating func forget()
}

extension SigmaScheduler {
    var timesteps: [Float] { run.timesteps }
    var sigmas: [Float] { run.sigmas }
    var initialNoiseSigma: Float { run.initialNoiseSigma }
    var callIndex: Int { run.callIndex }
    var order: Int { 1 }

    mutating func forget() {}

    mutating func begin(at index: Int) {
        run.callIndex = index
        forget()
    }

    func scaleModelInput(_ sample: [Float]) -> [Float] {
        SigmaRun.scaled(sample, by: run.sigmas[run.callIndex])
    }

    func addNoise(_ noise: [Float], to original: [Float], at index: Int) -> [Float] {
        let sigma = run.sigmas[index]
        return Elementwise.map(original, noise) { $0 + $1 * sigma }
    }
}
