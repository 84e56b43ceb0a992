import Foundation

/// What keeps a predicted clean sample in range: nothing, a fixed clamp, or the dynamic thresholding
/// of Saharia et al. 2022 (Imagen).
struct SampleClipping: Sendable {
    /// Whether samples are thresholded dynamically.
    let thresholds: Bool
    private let ratio: Float
    private let largest: Float
    private let clamp: Float?

    /// Reads the keys of a solver; not every solver has each of them.
    init(_ configuration: SchedulerConfiguration, for solver: SolverClass) {
        let clips: Bool
        switch solver {
        case .ddim, .ddpm: clips = configuration.clipSample ?? true
        case .heun, .lcm: clips = configuration.clipSample ?? false
        default: clips = false
        }
        clamp = clips ? Float(configuration.clipSampleRange ?? 1) : nil
        let hasThresholding = solver.isDPMSolver || [.ddim, .ddpm, .lcm].contains(solver)
        thresholds = hasThresholding && configuration.thresholding ?? false
        ratio = Float(configuration.dynamicThresholdingRatio ?? 0.995)
        largest = Float(configuration.sampleMaxValue ?? 1)
    }

    /// The sample brought in range.
    func apply(_ sample: [Float]) -> [Float] {
        if thresholds { return threshold(sample) }
        guard let clamp else { return sample }
        return Elementwise.map(sample) { min(max($0, -clamp), clamp) }
    }

    /// Clamps to a quantile of the magnitudes and divides by it.
    private func threshold(_ sample: [Float]) -> [Float] {
        let magnitudes = Elementwise.map(sample) { abs($0) }.sorted()
        guard let last = magnitudes.indices.last else { return sample }
        let rank = ratio * Float(last)
        let below = min(max(Int(rank.rounded(.down)), 0), last)
        let above = min(max(Int(rank.rounded(.up)), 0), last)
        let quantile = lerp(
            magnitudes[below], magnitudes[above], rank - rank.rounded(.down))
        let bound = min(max(quantile, 1), largest)
        return Elementwise.map(sample) { min(max($0, -bound), bound) / bound }
    }
}

/// Linear interpolation with PyTorch's choice of the end to start from.
func lerp(_ start: Float, _ end: Float, _ weight: Float) -> Float {
    weight < 0.5
        ? start + weight * (end - start)
        : end - (end - start) * (1 - weight)
}
