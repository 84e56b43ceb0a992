import Diffusion
import Foundation

/// Our run of a reference case.
struct ReferenceRun {
    static let count = 80

    let timesteps: [Float]
    let sigmas: [Float]
    let initial: Float
    let trace: [[Float]]

    init(_ reference: ReferenceCase, _ configuration: SchedulerConfiguration) throws {
        var scheduler = try SchedulerRegistry.scheduler(
            for: reference.request, configuration: configuration)
        timesteps = scheduler.timesteps
        sigmas = scheduler.sigmas
        initial = scheduler.initialNoiseSigma
        var source = TorchNoise(seed: reference.seed)
        let noise = source.normal(count: Self.count)
        var calls = 0..<scheduler.timesteps.count
        var latents = noise.map { $0 * scheduler.initialNoiseSigma }
        if let strength = reference.strength {
            calls = scheduler.calls(strength: strength, steps: reference.steps)
            let original = (0..<Self.count).map { Float(sin(0.7 * Double($0))) }
            scheduler.begin(at: calls.lowerBound)
            latents = scheduler.addNoise(noise, to: original, at: calls.lowerBound)
        }
        var trace: [[Float]] = []
        for call in calls {
            let input = scheduler.scaleModelInput(latents)
            let output = Self.fakeUNet(input, scheduler.timesteps[call])
            latents = scheduler.step(modelOutput: output, sample: latents) {
                source.normal(count: Self.count)
            }
            trace.append(latents)
        }
        self.trace = trace
    }

    /// The stand-in of the reference script.
    static func fakeUNet(_ sample: [Float], _ timestep: Float) -> [Float] {
        sample.enumerated().map { place, value in
            let x = Double(value)
            let wave = sin(1.3 * x + 0.006 * Double(timestep) + 0.37 * Double(place))
            return Float(0.6 * wave + 0.3 * x)
        }
    }
}

/// The largest difference of two arrays, relative to the largest magnitude; infinite where one of
/// them is not a number or the sizes differ.
func relativeDifference(_ ours: [Float], _ reference: [Float]) -> Float {
    guard ours.count == reference.count else { return .infinity }
    let scale = reference.reduce(Float(1e-20)) { $1.isNaN ? $0 : max($0, abs($1)) }
    var worst: Float = 0
    for (a, b) in zip(ours, reference) where !(a.isNaN && b.isNaN) && a != b {
        let difference = abs(a - b) / scale
        worst = difference.isNaN ? .infinity : max(worst, difference)
    }
    return worst
}
