import Foundation
import Generation

/// A checkpoint's `scheduler_config.json`, key for key; what the file does not say is nil.
///
/// The defaults of a missing key differ from solver to solver (``SchedulerSettings`` has them), as
/// in diffusers, where `from_config` hands only the written keys to another class.
public struct SchedulerConfiguration: Codable, Hashable, Sendable {
    public var className: String?
    public var numTrainTimesteps: Int?
    public var betaStart: Double?
    public var betaEnd: Double?
    public var betaSchedule: String?
    public var trainedBetas: [Double]?
    public var predictionType: String?
    public var timestepSpacing: String?
    public var timestepType: String?
    public var stepsOffset: Int?
    public var rescaleBetasZeroSNR: Bool?
    public var interpolationType: String?
    public var finalSigmasType: String?
    public var sigmaMin: Double?
    public var sigmaMax: Double?
    public var useKarrasSigmas: Bool?
    public var useExponentialSigmas: Bool?
    public var useBetaSigmas: Bool?
    public var useLuLambdas: Bool?
    public var useFlowSigmas: Bool?
    public var setAlphaToOne: Bool?
    public var skipPRKSteps: Bool?
    public var clipSample: Bool?
    public var clipSampleRange: Double?
    public var thresholding: Bool?
    public var dynamicThresholdingRatio: Double?
    public var sampleMaxValue: Double?
    public var varianceType: String?
    public var solverOrder: Int?
    public var solverType: String?
    public var algorithmType: String?
    public var lowerOrderFinal: Bool?
    public var eulerAtFinal: Bool?
    public var lambdaMinClipped: Double?
    public var predictX0: Bool?
    public var disableCorrector: [Int]?
    public var originalInferenceSteps: Int?
    public var timestepScaling: Double?

    enum CodingKeys: String, CodingKey {
        case className = "_class_name"
        case numTrainTimesteps = "num_train_timesteps"
        case betaStart = "beta_start"
        case betaEnd = "beta_end"
        case betaSchedule = "beta_schedule"
        case trainedBetas = "trained_betas"
        case predictionType = "prediction_type"
        case timestepSpacing = "timestep_spacing"
        case timestepType = "timestep_type"
        case stepsOffset = "steps_offset"
        case rescaleBetasZeroSNR = "rescale_betas_zero_snr"
        case interpolationType = "interpolation_type"
        case finalSigmasType = "final_sigmas_type"
        case sigmaMin = "sigma_min"
        case sigmaMax = "sigma_max"
        case useKarrasSigmas = "use_karras_sigmas"
        case useExponentialSigmas = "use_exponential_sigmas"
        case useBetaSigmas = "use_beta_sigmas"
        case useLuLambdas = "use_lu_lambdas"
        case useFlowSigmas = "use_flow_sigmas"
        case setAlphaToOne = "set_alpha_to_one"
        case skipPRKSteps = "skip_prk_steps"
        case clipSample = "clip_sample"
        case clipSampleRange = "clip_sample_range"
        case thresholding
        case dynamicThresholdingRatio = "dynamic_thresholding_ratio"
        case sampleMaxValue = "sample_max_value"
        case varianceType = "variance_type"
        case solverOrder = "solver_order"
        case solverType = "solver_type"
        case algorithmType = "algorithm_type"
        case lowerOrderFinal = "lower_order_final"
        case eulerAtFinal = "euler_at_final"
        case lambdaMinClipped = "lambda_min_clipped"
        case predictX0 = "predict_x0"
        case disableCorrector = "disable_corrector"
        case originalInferenceSteps = "original_inference_steps"
        case timestepScaling = "timestep_scaling"
    }

    /// A configuration that says nothing: every solver takes its own defaults.
    public init() {}

    /// What a single-file checkpoint of Stable Diffusion 1 or 2 means: the published configuration
    /// of 1.5.
    public static var stableDiffusion1: SchedulerConfiguration {
        var configuration = sdxl
        configuration.className = "PNDMScheduler"
        configuration.timestepSpacing = nil
        configuration.interpolationType = nil
        configuration.useKarrasSigmas = nil
        return configuration
    }

    /// What a single-file SDXL checkpoint means: the scheduler configuration of SDXL base 1.0.
    public static var sdxl: SchedulerConfiguration {
        var configuration = SchedulerConfiguration()
        configuration.className = "EulerDiscreteScheduler"
        configuration.numTrainTimesteps = 1000
        configuration.betaStart = 0.00085
        configuration.betaEnd = 0.012
        configuration.betaSchedule = "scaled_linear"
        configuration.predictionType = "epsilon"
        configuration.timestepSpacing = "leading"
        configuration.stepsOffset = 1
        configuration.interpolationType = "linear"
        configuration.useKarrasSigmas = false
        configuration.setAlphaToOne = false
        configuration.skipPRKSteps = true
        configuration.clipSample = false
        return configuration
    }
}
