import Diffusion
import Foundation
import Testing

/// Every sampler against diffusers: tables, traces and final samples.
///
/// Bounds are relative to the largest value. diffusers computes levels in float32 with another
/// square root and exponential than the C library's, one unit in the last place apart; steps that
/// subtract nearly equal numbers enlarge that.
@Suite struct SchedulerParityTests {
    static let tableTolerance: Float = 1e-6
    static let sampleTolerance: Float = 2e-5

    @Test func committedCasesMatchTheReference() throws {
        let reference = try ReferenceCases.committed()
        #expect(reference.cases.count > 600)
        for item in reference.cases {
            for problem in Self.problems(item, reference.configs[item.config]) {
                Issue.record("\(item.label): \(problem)")
            }
        }
    }

    /// Compares a sweep of random configurations; see Tests/Reference/schedulers.py.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["LATENT_SCHEDULER_SWEEP"] != nil))
    func sweepMatchesTheReference() throws {
        let path = ProcessInfo.processInfo.environment["LATENT_SCHEDULER_SWEEP"] ?? ""
        let reference = try ReferenceCases.load(URL(fileURLWithPath: path))
        for item in reference.cases {
            for problem in Self.problems(item, reference.configs[item.config]) {
                Issue.record("\(item.label): \(problem) \(reference.configs[item.config])")
            }
        }
    }

    /// What differs between our run and the reference's, in words.
    static func problems(
        _ item: ReferenceCase, _ configuration: SchedulerConfiguration
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
        compare("timesteps", run.timesteps, item.timesteps?.values ?? [], tableTolerance)
        if !run.sigmas.isEmpty {
            compare("sigmas", run.sigmas, item.sigmas?.values ?? [], tableTolerance)
        }
        compare("initial sigma", [run.initial], [item.initial ?? .nan], tableTolerance)
        for (step, expected) in (item.trace ?? []).enumerated() where step < run.trace.count {
            compare("call \(step)", run.trace[step], expected.values, sampleTolerance)
        }
        compare("final sample", run.trace.last ?? [], item.final?.values ?? [], sampleTolerance)
        return problems
    }
}
