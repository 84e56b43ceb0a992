import Foundation
import Generation

extension SchedulerConfiguration {
    /// Reads the bytes of `scheduler_config.json`.
    ///
    /// Unknown keys are ignored. `-Infinity`, which diffusers writes for `lambda_min_clipped`, is
    /// accepted although JSON has no such number.
    /// - Throws: ``SchedulerError/unreadableConfiguration(_:)`` or
    ///   ``SchedulerError/unsupportedConfiguration(key:value:)`` for numbers out of any sense.
    public init(json: Data) throws(SchedulerError) {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        do {
            self = try decoder.decode(SchedulerConfiguration.self, from: json)
        } catch DecodingError.typeMismatch(_, let context) {
            throw Self.wrongType(context)
        } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
            throw Self.wrongType(context)
        } catch {
            throw .unreadableConfiguration("it is not JSON")
        }
        try checkRanges()
    }

    private static func wrongType(_ context: DecodingError.Context) -> SchedulerError {
        let key = context.codingPath.map(\.stringValue).joined(separator: ".")
        return .unreadableConfiguration("the key \(key) has another type than expected")
    }

    /// The sampler that ``className`` names, for display; nil when it is none of ours.
    public var sampler: Sampler? {
        guard let solver = className.flatMap(SolverClass.init(rawValue:)) else { return nil }
        guard solver == .dpmMultistep else {
            return Sampler.allCases.first { SolverClass($0) == solver }
        }
        guard algorithmType == "sde-dpmsolver++" else { return .dpmpp2m }
        return solverOrder == 3 ? .dpmpp3mSDE : .dpmpp2mSDE
    }

    /// Refuses numbers that would exhaust memory or index outside the training schedule.
    func checkRanges() throws(SchedulerError) {
        let train = numTrainTimesteps ?? 1000
        try check("num_train_timesteps", train, in: 1...100_000)
        try check("steps_offset", stepsOffset ?? 0, in: 0...train)
        try check("solver_order", solverOrder ?? 2, in: 1...3)
        try check("original_inference_steps", originalInferenceSteps ?? 1, in: 1...train)
        try check("beta_start", betaStart ?? 0.0001, in: 0...0.999_999)
        try check("beta_end", betaEnd ?? 0.02, in: 0...0.999_999)
        try check("dynamic_thresholding_ratio", dynamicThresholdingRatio ?? 1, in: 0...1)
        try check("sample_max_value", sampleMaxValue ?? 1, in: 0...1e6)
        try check("clip_sample_range", clipSampleRange ?? 1, in: 0...1e6)
        try check("timestep_scaling", timestepScaling ?? 10, in: 0...1e6)
        try check("sigma_min", sigmaMin ?? 1, in: 1e-9...1e9)
        try check("sigma_max", sigmaMax ?? 1, in: 1e-9...1e9)
        if let trainedBetas {
            try check("trained_betas", trainedBetas.count, in: train...train)
            for beta in trainedBetas { try check("trained_betas", beta, in: 0...0.999_999) }
        }
    }

    private func check<Number: Comparable>(
        _ key: String, _ value: Number, in range: ClosedRange<Number>
    ) throws(SchedulerError) {
        guard range.contains(value) else {
            throw .unsupportedConfiguration(key: key, value: "\(value)")
        }
    }
}
