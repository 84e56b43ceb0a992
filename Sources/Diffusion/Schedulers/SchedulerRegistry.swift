import Generation

/// Makes the scheduler of a request.
///
/// `--sampler X` means that solver built from the checkpoint's own scheduler configuration, as
/// diffusers' `from_config` does; a schedule then replaces the configuration's distribution of noise
/// levels (`karras`, `exponential`, `beta`: diffusers' `use_..._sigmas`) or its spacing (`trailing`).
/// Two schedules have no switch in diffusers and are defined here: `sgm-uniform` is ComfyUI's (even
/// timesteps from the last to the first without the first, levels interpolated in the logarithm),
/// `align-your-steps` the published SDXL table. `euler-ancestral`, which has no such switches in
/// diffusers, takes the levels that `euler` would.
public enum SchedulerRegistry {
    /// A scheduler for one picture.
    ///
    /// - Parameters:
    ///   - request: sampler, schedule, steps and the picture's seed.
    ///   - configuration: the checkpoint's scheduler configuration.
    /// - Throws: ``SchedulerError`` when the combination cannot be run.
    public static func scheduler(
        for request: SchedulerRequest, configuration: SchedulerConfiguration
    ) throws(SchedulerError) -> any Scheduler {
        let (solver, configuration) = try solver(for: request, configuration)
        if let problem = scheduleProblem(solver, name: request.sampler, request.schedule) {
            throw .unsupportedSchedule(problem)
        }
        var settings = try SchedulerSettings(configuration, for: solver)
        settings.apply(request.schedule)
        let training = TrainingSchedule(settings)
        return solver.walksTimesteps
            ? try timestepScheduler(settings, training, request)
            : try sigmaScheduler(settings, training, request)
    }

    /// Why a sampler cannot use a schedule, as one sentence, or nil when it can.
    ///
    /// - Parameter sampler: nil means whatever the checkpoint names, which may still refuse.
    public static func scheduleProblem(_ sampler: Sampler?, _ schedule: Schedule) -> String? {
        guard let sampler else { return nil }
        return scheduleProblem(SolverClass(sampler), name: sampler, schedule)
    }

    private static func scheduleProblem(
        _ solver: SolverClass, name: Sampler?, _ schedule: Schedule
    ) -> String? {
        guard solver.walksTimesteps, schedule != .default, schedule != .trailing else { return nil }
        let label = name?.rawValue ?? solver.rawValue
        return
            "the sampler \(label) walks whole training timesteps and has no noise levels for the "
            + "schedule \(schedule.rawValue)"
    }

    /// The solver and the configuration with what the sampler's name fixes.
    private static func solver(
        for request: SchedulerRequest, _ configuration: SchedulerConfiguration
    ) throws(SchedulerError) -> (SolverClass, SchedulerConfiguration) {
        guard let sampler = request.sampler else {
            let name = configuration.className ?? SolverClass.euler.rawValue
            guard let solver = SolverClass(rawValue: name) else {
                throw .unsupportedConfiguration(key: "_class_name", value: name)
            }
            return (solver, configuration)
        }
        var configuration = configuration
        // A checkpoint's own class puts its own solver type in place of a foreign one on loading.
        if let own = configuration.className.flatMap(SolverClass.init(rawValue:)),
            own.isDPMSolver, configuration.solverType != nil
        {
            configuration.solverType = try SchedulerSettings.solverType(configuration, own)
        }
        switch sampler {
        case .dpmpp2m, .dpmpp2sAncestral: configuration.fix("dpmsolver++", order: 2)
        case .dpmpp2mSDE: configuration.fix("sde-dpmsolver++", order: 2)
        case .dpmpp3mSDE: configuration.fix("sde-dpmsolver++", order: 3)
        default: break
        }
        return (SolverClass(sampler), configuration)
    }

    private static func timestepScheduler(
        _ settings: SchedulerSettings, _ training: TrainingSchedule, _ request: SchedulerRequest
    ) throws(SchedulerError) -> any Scheduler {
        let steps = request.steps
        guard steps >= 1, steps <= settings.trainTimesteps else {
            throw .unsupportedSteps(
                steps, reason: "the model was trained with \(settings.trainTimesteps) timesteps")
        }
        if settings.solver == .pndm {
            return try PNDMScheduler(settings: settings, training: training, steps: steps)
        }
        let isDistilled = settings.solver == .lcm || settings.solver == .tcd
        let timesteps =
            isDistilled
            ? try LCMScheduler.timesteps(settings, steps: steps)
            : settings.spacing.timesteps(
                steps: steps, train: settings.trainTimesteps, offset: settings.stepsOffset
            ).map { Int($0.rounded(.toNearestOrEven)) }
        let run = TimestepRun(steps: timesteps, training: training, settings: settings)
        switch settings.solver {
        case .ddim: return DDIMScheduler(run: run, stride: settings.trainTimesteps / steps)
        case .ddpm: return DDPMScheduler(run: run)
        case .lcm: return LCMScheduler(run: run)
        default: return TCDScheduler(run: run)
        }
    }

    private static func sigmaScheduler(
        _ settings: SchedulerSettings, _ training: TrainingSchedule, _ request: SchedulerRequest
    ) throws(SchedulerError) -> any Scheduler {
        let levels = try NoiseLevels.make(settings, training: training, steps: request.steps)
        let final = settings.finalSigma(after: levels, training: training)
        let run = SigmaRun(settings, levels: levels, final: final)
        switch settings.solver {
        case .eulerAncestral: return EulerAncestralScheduler(run: run)
        case .heun: return HeunScheduler(run, clipping: settings.clipping)
        case .lms: return LMSScheduler(run)
        case .dpm2: return DPM2Scheduler(run, training: training)
        case .dpm2Ancestral: return DPM2AncestralScheduler(run, training: training)
        case .dpmSDE:
            return DPMSDEScheduler(run, levels: levels, training: training, seed: request.seed)
        case .dpmMultistep: return DPMSolverMultistepScheduler(run, settings: settings)
        case .dpmSinglestep:
            return DPMSolverSinglestepScheduler(run, settings: settings, steps: request.steps)
        case .unipc: return UniPCScheduler(run, settings: settings)
        case .deis: return DEISScheduler(run, settings: settings)
        default: return EulerScheduler(run: run)
        }
    }
}

extension SchedulerConfiguration {
    /// Fixes what a sampler's name says about the DPM-Solver family.
    fileprivate mutating func fix(_ algorithm: String, order: Int) {
        algorithmType = algorithm
        solverOrder = order
    }
}

extension SchedulerSettings {
    /// The level after the last step.
    fileprivate func finalSigma(after levels: NoiseLevels, training: TrainingSchedule) -> Float {
        guard endsAtSigmaMin else { return 0 }
        let isRedistributed = [.karras, .exponential, .beta].contains(self.levels)
        // These two repeat the last redistributed level; the others take the model's smallest.
        if isRedistributed, solver == .unipc || solver == .deis {
            return Float(levels.sigmas.last ?? 0)
        }
        return training.sigmas[0]
    }
}
