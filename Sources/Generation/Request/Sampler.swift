/// A solver of the reverse diffusion, under the name that the command line and the journal use.
///
/// Each case means that solver built from the checkpoint's own scheduler configuration, as diffusers'
/// `from_config` does.
public enum Sampler: String, Codable, CaseIterable, Sendable {
    /// `EulerDiscreteScheduler`.
    case euler
    /// `EulerAncestralDiscreteScheduler`.
    case eulerAncestral = "euler-ancestral"
    /// `HeunDiscreteScheduler`.
    case heun
    /// `LMSDiscreteScheduler`.
    case lms
    /// `DDIMScheduler`.
    case ddim
    /// `DDPMScheduler`.
    case ddpm
    /// `PNDMScheduler`.
    case pndm
    /// `KDPM2DiscreteScheduler`.
    case dpm2
    /// `KDPM2AncestralDiscreteScheduler`.
    case dpm2Ancestral = "dpm2-ancestral"
    /// `DPMSolverMultistepScheduler`, `dpmsolver++`, order 2.
    case dpmpp2m = "dpmpp-2m"
    /// `DPMSolverMultistepScheduler`, `sde-dpmsolver++`, order 2.
    case dpmpp2mSDE = "dpmpp-2m-sde"
    /// `DPMSolverSDEScheduler`.
    case dpmppSDE = "dpmpp-sde"
    /// `DPMSolverMultistepScheduler`, `sde-dpmsolver++`, order 3.
    case dpmpp3mSDE = "dpmpp-3m-sde"
    /// `DPMSolverSinglestepScheduler`, `dpmsolver++`, order 2.
    case dpmpp2sAncestral = "dpmpp-2s-ancestral"
    /// `UniPCMultistepScheduler`.
    case unipc
    /// `DEISMultistepScheduler`.
    case deis
    /// `LCMScheduler`.
    case lcm
    /// `TCDScheduler`.
    case tcd
}

/// Where the sigmas of a schedule are placed between the largest and the smallest noise.
public enum Schedule: String, Codable, CaseIterable, Sendable {
    /// What the checkpoint's scheduler configuration says.
    case `default`
    /// Karras et al. 2022, equation 5, rho 7.
    case karras
    /// Evenly spaced in log sigma.
    case exponential
    /// Quantiles of a Beta(0.6, 0.6) distribution (Lee et al. 2024).
    case beta
    /// ComfyUI's `sgm_uniform`: evenly spaced timesteps without the last.
    case sgmUniform = "sgm-uniform"
    /// diffusers' `timestep_spacing="trailing"`.
    case trailing
    /// "Align Your Steps" (Sabour et al. 2024), the table for SDXL, log-linearly interpolated.
    case alignYourSteps = "align-your-steps"
}
