/// How single keys are read; each function knows the default and the accepted values of one key.
extension SchedulerSettings {
    static func prediction(
        _ configuration: SchedulerConfiguration, _ solver: SolverClass
    ) throws(SchedulerError) -> PredictionType {
        let name = configuration.predictionType ?? "epsilon"
        let known = name == "original_sample" && solver == .euler ? "sample" : name
        guard let type = PredictionType(rawValue: known),
            type != .sample || solver.takesSamplePrediction
        else { throw .unsupportedConfiguration(key: "prediction_type", value: name) }
        return type
    }

    static func spacing(
        _ configuration: SchedulerConfiguration, _ solver: SolverClass
    ) throws(SchedulerError) -> TimestepSpacing {
        guard solver.hasSpacing else { return .linspace }
        guard let name = configuration.timestepSpacing else {
            return solver.walksTimesteps ? .leading : .linspace
        }
        guard let spacing = TimestepSpacing(rawValue: name) else {
            throw .unsupportedConfiguration(key: "timestep_spacing", value: name)
        }
        return spacing
    }

    static func levels(
        _ configuration: SchedulerConfiguration, _ solver: SolverClass
    ) throws(SchedulerError) -> Levels {
        if solver.isDPMSolver, configuration.useFlowSigmas ?? false {
            throw .unsupportedConfiguration(key: "use_flow_sigmas", value: "true")
        }
        guard !solver.walksTimesteps, solver != .eulerAncestral else { return .spaced }
        let flags: [(Bool?, Levels)] = [
            (configuration.useKarrasSigmas, .karras),
            (configuration.useExponentialSigmas, .exponential),
            (configuration.useBetaSigmas, .beta),
        ]
        let chosen = flags.filter { $0.0 ?? false }
        guard chosen.count < 2 else {
            throw .unsupportedConfiguration(
                key: "use_karras_sigmas", value: "true together with another distribution")
        }
        let usesLu = solver == .dpmMultistep && configuration.useLuLambdas ?? false
        if usesLu, configuration.useKarrasSigmas != true { return .lu }
        return chosen.first?.1 ?? .spaced
    }

    static func endsAtSigmaMin(
        _ configuration: SchedulerConfiguration, _ solver: SolverClass
    ) throws(SchedulerError) -> Bool {
        guard solver.hasFinalSigma else { return solver == .deis }
        switch configuration.finalSigmasType ?? "zero" {
        case "zero": return false
        case "sigma_min": return true
        case let other: throw .unsupportedConfiguration(key: "final_sigmas_type", value: other)
        }
    }

    static func interpolatesLogLinearly(
        _ configuration: SchedulerConfiguration, _ solver: SolverClass
    ) throws(SchedulerError) -> Bool {
        guard solver == .euler else { return false }
        switch configuration.interpolationType ?? "linear" {
        case "linear": return false
        case "log_linear": return true
        case let other: throw .unsupportedConfiguration(key: "interpolation_type", value: other)
        }
    }

    static func varianceType(
        _ configuration: SchedulerConfiguration, _ solver: SolverClass
    ) throws(SchedulerError) -> String {
        let name = configuration.varianceType ?? "fixed_small"
        guard solver == .ddpm else { return name }
        let known = ["fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log"]
        guard known.contains(name) else {
            throw .unsupportedConfiguration(key: "variance_type", value: name)
        }
        return name
    }

    /// Another family's solver type means the class's own, as diffusers maps it.
    static func solverType(
        _ configuration: SchedulerConfiguration, _ solver: SolverClass
    ) throws(SchedulerError) -> String {
        let own: [String]
        let others: [String]
        let standard: String
        switch solver {
        case .dpmMultistep, .dpmSinglestep:
            (own, others, standard) = (["midpoint", "heun"], ["logrho", "bh1", "bh2"], "midpoint")
        case .unipc:
            (own, others, standard) = (["bh1", "bh2"], ["midpoint", "heun", "logrho"], "bh2")
        case .deis:
            (own, others, standard) = (["logrho"], ["midpoint", "heun", "bh1", "bh2"], "logrho")
        default: return ""
        }
        guard let name = configuration.solverType else { return standard }
        if own.contains(name) { return name }
        guard others.contains(name) else {
            throw .unsupportedConfiguration(key: "solver_type", value: name)
        }
        return standard
    }
}
