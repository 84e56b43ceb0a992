import Diffusion
import Foundation
import Generation
import Testing

/// Every sampler against diffusers: tables, traces and final samples.
///
/// Bounds are relative to the largest value. The reference takes square roots, exponentials and
/// logarithms of float32 numbers from MKL, which rounds one in five (roots) to fifty differently
/// from the C library; where a solver subtracts nearly equal numbers that grows. Two runs of the
/// reference itself on different code paths of MKL differ by as much as the wider bounds of
/// `dpmpp-sde` and zero terminal SNR; for `dpmpp-3m-sde` and `dpm2-ancestral` they differ by a
/// tenth and a fifth of what is allowed here.
@Suite struct SchedulerParityTests {
    /// How close a case must come.
    struct Bounds {
        var table: Float = 1.5e-6
        var sample: Float = 2e-5

        init(_ item: ReferenceCase, _ configuration: SchedulerConfiguration) {
            switch item.sampler {
            // Times of the Brownian tree are rounded to a millionth; one unit in the last place
            // moves a time by one such step, whose increment has a deviation of 1e-3.
            case .dpmppSDE: sample = 2e-3
            // Differences of differences of close levels.
            case .dpmpp3mSDE: sample = 2e-4
            // Levels between a level and one many times smaller.
            case .dpm2Ancestral: sample = 5e-5
            default: break
            }
            // The first latents are 4096 times the noise; the last bit of that stays visible.
            if configuration.rescaleBetasZeroSNR == true { sample = max(sample, 1e-4) }
        }
    }

    @Test func committedCasesMatchTheReference() throws {
        let reference = try ReferenceCases.committed()
        #expect(reference.cases.count > 600)
        for item in reference.cases {
            let configuration = reference.configs[item.config]
            let bounds = Bounds(item, configuration)
            for problem in Self.problems(item, configuration, bounds) {
                Issue.record("\(item.label): \(problem)")
            }
        }
    }

    /// Compares a sweep of random configurations; see Tests/Reference/schedulers.py.
    ///
    /// The bounds are ten times wider: cosine betas reach levels of 20000. What the reference
    /// refuses or turns into NaN is left out.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["LATENT_SCHEDULER_SWEEP"] != nil))
    func sweepMatchesTheReference() throws {
        let path = ProcessInfo.processInfo.environment["LATENT_SCHEDULER_SWEEP"] ?? ""
        let reference = try ReferenceCases.load(URL(fileURLWithPath: path))
        for item in reference.cases where item.final?.values.contains(where: \.isNaN) == false {
            let configuration = reference.configs[item.config]
            var bounds = Bounds(item, configuration)
            bounds.table *= 10
            bounds.sample *= 10
            for problem in Self.problems(item, configuration, bounds) {
                Issue.record("\(item.label): \(problem) \(configuration)")
            }
        }
    }

    /// What differs between our run and the reference's, in words.
    static func problems(
        _ item: ReferenceCase, _ configuration: SchedulerConfiguration, _ bounds: Bounds
    ) -> [String] {
        let run: ReferenceRun
        do {
            run = try ReferenceRun(item, configuration)
        } catch {
            return item.error == nil ? ["refused: \(error)"] : []
        }
        // An index error of the reference is a defect that need not be repeated.
        if let error = item.error {
            let isDefect = error.hasPrefix("IndexError") || error.hasPrefix("AssertionError")
            return isDefect ? [] : ["accepted although the reference refuses: \(error)"]
        }
        var problems: [String] = []
        func compare(_ what: String, _ ours: [Float], _ theirs: [Float], _ bound: Float) {
            let difference = relativeDifference(ours, theirs)
            guard !(difference <= bound) else { return }
            problems.append(
                "\(what) off by \(difference): \(ours.prefix(4)) but \(theirs.prefix(4))")
        }
        compare("timesteps", run.timesteps, item.timesteps?.values ?? [], bounds.table)
        if !run.sigmas.isEmpty {
            compare("sigmas", run.sigmas, item.sigmas?.values ?? [], bounds.table)
        }
        compare("initial sigma", [run.initial], [item.initial ?? .nan], bounds.table)
        for (step, expected) in (item.trace ?? []).enumerated() where step < run.trace.count {
            compare("call \(step)", run.trace[step], expected.values, bounds.sample)
        }
        compare("final sample", run.trace.last ?? [], item.final?.values ?? [], bounds.sample)
        return problems
    }
}
