import Foundation

/// The noise levels of a run, one per step and highest first, with their timesteps; the level after
/// the last step is the solver's.
struct NoiseLevels: Sendable {
    var sigmas: [Double]
    var timesteps: [Double]

    /// Spaces timesteps and redistributes levels as the settings say.
    static func make(
        _ settings: SchedulerSettings, training: TrainingSchedule, steps: Int
    ) throws(SchedulerError) -> NoiseLevels {
        guard steps >= 1, steps <= settings.trainTimesteps else {
            throw .unsupportedSteps(
                steps, reason: "the model was trained with \(settings.trainTimesteps) timesteps")
        }
        let placement = LevelPlacement(settings: settings, training: training, steps: steps)
        return settings.solver.isDPMSolver
            ? try placement.solverLevels() : placement.continuousLevels()
    }
}

/// One run's placement of noise levels.
private struct LevelPlacement {
    let settings: SchedulerSettings
    let training: TrainingSchedule
    let steps: Int

    /// For Euler's kind: fractional timesteps, levels redistributed over the spaced range.
    func continuousLevels() -> NoiseLevels {
        var timesteps = settings.spacing.timesteps(
            steps: steps, train: settings.trainTimesteps, offset: settings.stepsOffset)
        // The reference holds them in float32, except for the solver with the Brownian tree.
        if settings.solver != .dpmSDE { timesteps = timesteps.map { Double(Float($0)) } }
        var spaced = timesteps.map(training.sigma(at:))
        if settings.interpolatesLogLinearly { spaced = logLinearSigmas() }
        let roundsKarras = settings.solver == .dpm2 || settings.solver == .dpm2Ancestral
        let ends = (spaced.first ?? 0, spaced.last ?? 0)
        guard let sigmas = redistributed(from: ends.0, to: ends.1) else {
            return NoiseLevels(sigmas: spaced, timesteps: timesteps)
        }
        var own = sigmas.map(training.timestep(ofSigma:))
        if roundsKarras, settings.levels == .karras {
            own = own.map { $0.rounded(.toNearestOrEven) }
        }
        return NoiseLevels(sigmas: sigmas, timesteps: own)
    }

    /// For the DPM-Solver family: whole timesteps, levels redistributed over the model's range.
    func solverLevels() throws(SchedulerError) -> NoiseLevels {
        let isMultistep = settings.solver == .dpmMultistep
        let clips = isMultistep || settings.solver == .dpmSinglestep
        let last = settings.trainTimesteps - (clips ? clippedCount() : 0)
        guard last >= 1, settings.spacing != .leading || steps < last else {
            throw .unsupportedSteps(steps, reason: "this solver needs fewer than \(last)")
        }
        let timesteps = settings.spacing.solverTimesteps(
            steps: steps, train: settings.trainTimesteps, last: last,
            offset: settings.stepsOffset)
        let range = (Double(training.sigmas[training.last]), Double(training.sigmas[0]))
        guard let sigmas = redistributed(from: range.0, to: range.1) else {
            return NoiseLevels(sigmas: timesteps.map(training.sigma(at:)), timesteps: timesteps)
        }
        let own = sigmas.map(training.timestep(ofSigma:))
        return NoiseLevels(sigmas: sigmas, timesteps: own.map(wholeTimestep))
    }

    /// Karras timesteps are rounded, those of the exponential and beta distributions cut.
    private func wholeTimestep(_ timestep: Double) -> Double {
        switch settings.levels {
        case .exponential, .beta: return timestep.rounded(.towardZero)
        case .karras, .lu:
            let cuts = settings.solver == .dpmMultistep && settings.betaSchedule.isCosine
            return timestep.rounded(cuts ? .towardZero : .toNearestOrEven)
        default: return timestep.rounded(.toNearestOrEven)
        }
    }

    /// Timesteps whose log signal-to-noise ratio lies below the configured bound.
    private func clippedCount() -> Int {
        training.alphasCumprod.count { alpha in
            let ratio = log(alpha.squareRoot()) - log((1 - alpha).squareRoot())
            return Double(ratio) < settings.lambdaMinClipped
        }
    }

    /// Euler's `log_linear` interpolation: one level more than steps, over the whole range.
    private func logLinearSigmas() -> [Double] {
        let start = Double(training.logSigmas[training.last])
        let end = Double(training.logSigmas[0])
        return numPyLinspace(start, end, count: steps + 1).map { Double(exp(Float($0))) }
    }

    /// The levels of a redistribution between two ends, or nil where the spaced ones stay.
    private func redistributed(from first: Double, to last: Double) -> [Double]? {
        let ownEnds = settings.levels == .karras && [.lms, .dpmSDE].contains(settings.solver)
        let high = ownEnds ? first : settings.sigmaMax ?? first
        let low = ownEnds ? last : settings.sigmaMin ?? last
        switch settings.levels {
        case .spaced: return nil
        case .karras: return karras(high, low)
        case .exponential: return numPyLinspace(log(high), log(low), count: steps).map { exp($0) }
        case .beta:
            return numPyLinspace(0, 1, count: steps).map {
                low + BetaQuantile.value(at: 1 - $0) * (high - low)
            }
        case .lu:
            let start = Double(training.logSigmas[training.last])
            let end = Double(training.logSigmas[0])
            return numPyLinspace(0, 1, count: steps).map { exp(start + $0 * (end - start)) }
        case .sgmUniform:
            return numPyLinspace(Double(training.last), 0, count: steps + 1).dropLast()
                .map(training.logLinearSigma(at:))
        case .alignYourSteps: return AlignYourSteps.sigmas(steps: steps)
        }
    }

    /// Karras et al. 2022, equation 5.
    private func karras(_ high: Double, _ low: Double) -> [Double] {
        let rho = 7.0
        let start = pow(high, 1 / rho)
        let end = pow(low, 1 / rho)
        return numPyLinspace(0, 1, count: steps).map { pow(start + $0 * (end - start), rho) }
    }
}
