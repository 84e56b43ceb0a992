import Generation

/// A solver as diffusers divides them: one class, one set of defaults for missing keys.
enum SolverClass: String, CaseIterable, Sendable {
    case euler = "EulerDiscreteScheduler"
    case eulerAncestral = "EulerAncestralDiscreteScheduler"
    case heun = "HeunDiscreteScheduler"
    case lms = "LMSDiscreteScheduler"
    case ddim = "DDIMScheduler"
    case ddpm = "DDPMScheduler"
    case pndm = "PNDMScheduler"
    case dpm2 = "KDPM2DiscreteScheduler"
    case dpm2Ancestral = "KDPM2AncestralDiscreteScheduler"
    case dpmMultistep = "DPMSolverMultistepScheduler"
    case dpmSinglestep = "DPMSolverSinglestepScheduler"
    case dpmSDE = "DPMSolverSDEScheduler"
    case unipc = "UniPCMultistepScheduler"
    case deis = "DEISMultistepScheduler"
    case lcm = "LCMScheduler"
    case tcd = "TCDScheduler"

    /// The class behind a sampler's name.
    init(_ sampler: Sampler) {
        switch sampler {
        case .euler: self = .euler
        case .eulerAncestral: self = .eulerAncestral
        case .heun: self = .heun
        case .lms: self = .lms
        case .ddim: self = .ddim
        case .ddpm: self = .ddpm
        case .pndm: self = .pndm
        case .dpm2: self = .dpm2
        case .dpm2Ancestral: self = .dpm2Ancestral
        case .dpmpp2m, .dpmpp2mSDE, .dpmpp3mSDE: self = .dpmMultistep
        case .dpmpp2sAncestral: self = .dpmSinglestep
        case .dpmppSDE: self = .dpmSDE
        case .unipc: self = .unipc
        case .deis: self = .deis
        case .lcm: self = .lcm
        case .tcd: self = .tcd
        }
    }

    /// Whether it walks whole training timesteps by their alphas, with no noise levels to place.
    var walksTimesteps: Bool {
        switch self {
        case .ddim, .ddpm, .pndm, .lcm, .tcd: true
        default: false
        }
    }

    /// Whether it is one of the DPM-Solver family: whole timesteps, variance-preserving steps, and
    /// Karras levels over the model's whole range instead of the spaced one.
    var isDPMSolver: Bool {
        switch self {
        case .dpmMultistep, .dpmSinglestep, .unipc, .deis: true
        default: false
        }
    }

    /// Whether `timestep_spacing` is among its keys.
    var hasSpacing: Bool { self != .dpmSinglestep }

    /// Whether `rescale_betas_zero_snr` is among its keys.
    var rescalesBetas: Bool {
        switch self {
        case .euler, .eulerAncestral, .ddim, .ddpm, .dpmMultistep, .unipc, .lcm, .tcd: true
        default: false
        }
    }

    /// Whether a zero terminal signal is lifted to 2^-24, so that the largest sigma is finite.
    var liftsZeroSignal: Bool {
        switch self {
        case .euler, .eulerAncestral, .dpmMultistep, .unipc: true
        default: false
        }
    }

    /// Whether `final_sigmas_type` is among its keys.
    var hasFinalSigma: Bool {
        switch self {
        case .euler, .dpmMultistep, .dpmSinglestep, .unipc: true
        default: false
        }
    }

    /// Whether it understands a model that predicts the clean sample.
    var takesSamplePrediction: Bool {
        switch self {
        case .eulerAncestral, .dpm2, .dpm2Ancestral, .dpmSDE, .pndm: false
        default: true
        }
    }

    /// Whether the narrower betas of latent diffusion are its default.
    var defaultsToLatentBetas: Bool {
        switch self {
        case .heun, .dpm2, .dpm2Ancestral, .dpmSDE, .lcm, .tcd: true
        default: false
        }
    }
}
