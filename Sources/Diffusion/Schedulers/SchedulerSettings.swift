import Generation

/// A scheduler configuration as one solver reads it: every key has a value.
///
/// Where the checkpoint's file is silent, the defaults are those of the solver's class in diffusers.
struct SchedulerSettings: Sendable {
    /// How the levels are redistributed after the timesteps are spaced.
    enum Levels: Sendable {
        case spaced, karras, exponential, beta, lu, sgmUniform, alignYourSteps
    }

    let solver: SolverClass
    let trainTimesteps: Int
    let betaSchedule: BetaSchedule
    let prediction: PredictionType
    var spacing: TimestepSpacing
    let stepsOffset: Int
    let rescaleZeroSNR: Bool
    var levels: Levels
    /// Explicit ends for the redistributed levels; nil: those of the spaced or the model's levels.
    let sigmaMin: Double?
    let sigmaMax: Double?
    let endsAtSigmaMin: Bool
    let interpolatesLogLinearly: Bool
    let tellsLogSigma: Bool
    let lambdaMinClipped: Double
    let finalAlphaIsOne: Bool
    let skipsPRKSteps: Bool
    let clipping: SampleClipping
    let varianceType: String
    let order: Int
    let algorithm: DPMSolverUpdate.Algorithm
    let solverType: String
    let lowerOrderFinal: Bool
    let eulerAtFinal: Bool
    let predictsX0: Bool
    let disabledCorrector: [Int]
    let originalSteps: Int
    let timestepScaling: Double

    /// Reads a checkpoint's configuration for a solver.
    ///
    /// - Throws: ``SchedulerError/unsupportedConfiguration(key:value:)``.
    init(
        _ configuration: SchedulerConfiguration, for solver: SolverClass
    ) throws(SchedulerError) {
        try configuration.checkRanges()
        self.solver = solver
        trainTimesteps = configuration.numTrainTimesteps ?? 1000
        betaSchedule = try BetaSchedule(configuration, for: solver)
        prediction = try Self.prediction(configuration, solver)
        spacing = try Self.spacing(configuration, solver)
        stepsOffset = configuration.stepsOffset ?? 0
        rescaleZeroSNR = solver.rescalesBetas && configuration.rescaleBetasZeroSNR ?? false
        levels = try Self.levels(configuration, solver)
        sigmaMin = configuration.sigmaMin
        sigmaMax = configuration.sigmaMax
        endsAtSigmaMin = try Self.endsAtSigmaMin(configuration, solver)
        interpolatesLogLinearly = try Self.interpolatesLogLinearly(configuration, solver)
        tellsLogSigma =
            solver == .euler && configuration.timestepType == "continuous"
            && prediction == .vPrediction
        lambdaMinClipped = configuration.lambdaMinClipped ?? -.infinity
        finalAlphaIsOne = configuration.setAlphaToOne ?? (solver != .pndm)
        skipsPRKSteps = configuration.skipPRKSteps ?? false
        clipping = SampleClipping(configuration, for: solver)
        varianceType = try Self.varianceType(configuration, solver)
        order = configuration.solverOrder ?? 2
        algorithm = try DPMSolverUpdate.Algorithm(configuration, for: solver)
        solverType = try Self.solverType(configuration, solver)
        lowerOrderFinal = configuration.lowerOrderFinal ?? (solver != .dpmSinglestep)
        eulerAtFinal = configuration.eulerAtFinal ?? false
        predictsX0 = configuration.predictX0 ?? true
        disabledCorrector = configuration.disableCorrector ?? []
        originalSteps = configuration.originalInferenceSteps ?? 50
        timestepScaling = configuration.timestepScaling ?? 10
        if solver == .dpmMultistep || solver == .dpmSinglestep { try checkAlgorithm() }
    }

    /// Puts a requested schedule in place of what the checkpoint says.
    mutating func apply(_ schedule: Schedule) {
        switch schedule {
        case .default: return
        case .karras: levels = .karras
        case .exponential: levels = .exponential
        case .beta: levels = .beta
        case .sgmUniform: levels = .sgmUniform
        case .alignYourSteps: levels = .alignYourSteps
        case .trailing:
            levels = .spaced
            spacing = .trailing
        }
    }

    private func checkAlgorithm() throws(SchedulerError) {
        if !algorithm.reachesZero, !endsAtSigmaMin {
            throw .unsupportedConfiguration(key: "final_sigmas_type", value: "zero")
        }
        if algorithm == .sdeNoise, solver == .dpmSinglestep || order > 2 {
            throw .unsupportedConfiguration(key: "algorithm_type", value: algorithm.rawValue)
        }
    }
}
