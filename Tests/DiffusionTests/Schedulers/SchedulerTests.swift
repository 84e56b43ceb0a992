import Foundation
import Generation
import Testing

@testable import Diffusion

/// Configuration, refusals, windows and the schedules that diffusers has no switch for.
@Suite struct SchedulerTests {
    private func scheduler(
        _ sampler: Sampler?, _ schedule: Schedule = .default, steps: Int,
        _ configuration: SchedulerConfiguration = .sdxl
    ) throws -> any Scheduler {
        try SchedulerRegistry.scheduler(
            for: SchedulerRequest(sampler: sampler, schedule: schedule, steps: steps, seed: 1),
            configuration: configuration)
    }

    @Test func fourStepsOfSDXLAreTheKnownOnes() throws {
        #expect(try scheduler(.euler, steps: 4).timesteps == [751, 501, 251, 1])
        #expect(try scheduler(.dpmpp2m, steps: 4).timesteps == [801, 601, 401, 201])
        #expect(try scheduler(.lcm, steps: 4).timesteps == [999, 759, 499, 259])
        #expect(try scheduler(.pndm, steps: 4).timesteps.count == 5)
        #expect(try scheduler(.heun, steps: 4).timesteps.count == 7)
        let deis = try scheduler(.deis, steps: 4)
        #expect(abs((deis.sigmas.last ?? 0) - 0.029_167) < 1e-5)
    }

    @Test func imageToImageCutsTheProductTowardsZero() throws {
        let euler = try scheduler(.euler, steps: 50)
        #expect(euler.calls(strength: 0.58, steps: 50) == 22..<50)
        #expect(euler.calls(strength: 1, steps: 50) == 0..<50)
        #expect(euler.calls(strength: 0, steps: 50).isEmpty)
        #expect(try scheduler(.heun, steps: 10).calls(strength: 0.5, steps: 10) == 10..<19)
    }

    @Test func refinerTakesOverWhereTheBaseStops() throws {
        for sampler in [Sampler.euler, .dpmpp2m, .ddim] {
            let plan = try scheduler(sampler, steps: 25)
            let base = plan.calls(denoisingEnd: 0.8)
            let refiner = plan.calls(denoisingStart: 0.8)
            #expect(base.upperBound == refiner.lowerBound)
            #expect(plan.timesteps[base].allSatisfy { $0 >= 200 })
        }
        let heun = try scheduler(.heun, steps: 10)
        #expect(heun.calls(denoisingStart: 0.8).count % 2 == 1)
    }

    @Test func sgmUniformLeavesOutTheFirstTimestep() throws {
        let plan = try scheduler(.euler, .sgmUniform, steps: 3)
        #expect(relativeDifference(plan.timesteps, [999, 666, 333]) < 1e-6)
        #expect(plan.sigmas.count == 4)
        #expect(plan.sigmas.last == 0)
        #expect(abs(plan.sigmas[0] - 14.6146) < 1e-3)
    }

    @Test func alignYourStepsIsTheTableForTenSteps() throws {
        let table: [Float] = [
            14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113,
        ]
        for sampler in [Sampler.euler, .dpmpp2m, .unipc] {
            #expect(try scheduler(sampler, .alignYourSteps, steps: 10).sigmas == table + [0])
        }
        // numpy.exp(numpy.interp(...)) of the table's logarithms, as NVIDIA's notebook writes it.
        let five: [Float] = [14.615, 3.771, 1.342, 0.555, 0.234]
        let sigmas = try scheduler(.euler, .alignYourSteps, steps: 5).sigmas
        #expect(relativeDifference(Array(sigmas.dropLast()), five) < 1e-6)
    }

    @Test func solversOnWholeTimestepsRefuseNoiseLevels() throws {
        for sampler in [Sampler.ddim, .ddpm, .pndm, .lcm, .tcd] {
            #expect(SchedulerRegistry.scheduleProblem(sampler, .karras) != nil)
            #expect(SchedulerRegistry.scheduleProblem(sampler, .trailing) == nil)
            #expect(throws: SchedulerError.self) {
                try scheduler(sampler, .alignYourSteps, steps: 10)
            }
        }
        #expect(SchedulerRegistry.scheduleProblem(nil, .karras) == nil)
        #expect(SchedulerRegistry.scheduleProblem(.eulerAncestral, .karras) == nil)
    }

    @Test func everySamplerRunsEveryScheduleItAccepts() throws {
        for sampler in Sampler.allCases {
            for schedule in Schedule.allCases
            where SchedulerRegistry.scheduleProblem(sampler, schedule) == nil {
                for steps in [4, 9] {
                    var plan = try scheduler(sampler, schedule, steps: steps)
                    var latents = [Float](repeating: 0.5, count: 32)
                    for _ in plan.timesteps {
                        latents = plan.step(
                            modelOutput: plan.scaleModelInput(latents), sample: latents
                        ) { [Float](repeating: 0.1, count: 32) }
                    }
                    let isFinite = latents.allSatisfy(\.isFinite)
                    #expect(isFinite, "\(sampler) \(schedule) \(steps)")
                }
            }
        }
    }

    @Test func aCopyIsAnIndependentRun() throws {
        var first = try scheduler(.dpmpp2m, steps: 5)
        var second = first
        let sample = (0..<16).map { Float($0) / 8 }
        _ = first.step(modelOutput: sample, sample: sample) { [] }
        #expect(second.callIndex == 0)
        let again = second.step(modelOutput: sample, sample: sample) { [] }
        first.begin(at: 0)
        #expect(first.step(modelOutput: sample, sample: sample) { [] } == again)
    }

    @Test func impossibleStepsAreRefused() {
        var silent = SchedulerConfiguration.sdxl
        silent.lambdaMinClipped = 100
        #expect(throws: SchedulerError.self) { try scheduler(.dpmpp2m, steps: 4, silent) }
        for steps in [0, -3, 1001, .max] {
            for sampler in Sampler.allCases {
                #expect(throws: SchedulerError.self) { try scheduler(sampler, steps: steps) }
            }
        }
        #expect(throws: SchedulerError.self) { try scheduler(.lcm, steps: 51) }
    }

    @Test func configurationReadsWhatDiffusersWrites() throws {
        let text = """
            {"_class_name": "DPMSolverMultistepScheduler", "_diffusers_version": "0.42.1",
             "lambda_min_clipped": -Infinity, "solver_order": 3, "trained_betas": null,
             "algorithm_type": "sde-dpmsolver++", "something_new": [1, 2]}
            """
        let configuration = try SchedulerConfiguration(json: Data(text.utf8))
        #expect(configuration.lambdaMinClipped == -.infinity)
        #expect(configuration.sampler == .dpmpp3mSDE)
        #expect(try scheduler(nil, steps: 4, configuration).timesteps.count == 4)
    }

    @Test(arguments: [
        "", "[]", "{\"beta_start\": \"x\"}", "{\"num_train_timesteps\": 1000000000000}",
        "{\"num_train_timesteps\": 0}", "{\"steps_offset\": -1}", "{\"solver_order\": 9}",
        "{\"beta_end\": 2}", "{\"dynamic_thresholding_ratio\": NaN}", "{\"trained_betas\": [0.1]}",
        "{\"num_train_timesteps\": 1.5}",
    ])
    func absurdConfigurationsAreRefused(_ text: String) {
        #expect(throws: SchedulerError.self) { try SchedulerConfiguration(json: Data(text.utf8)) }
    }

    @Test(arguments: [
        "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\"}",
        "{\"prediction_type\": \"flow_prediction\"}", "{\"beta_schedule\": \"cubic\"}",
        "{\"timestep_spacing\": \"odd\"}",
        "{\"use_karras_sigmas\": true, \"use_beta_sigmas\": true}",
    ])
    func unknownValuesAreNamed(_ text: String) throws {
        let configuration = try SchedulerConfiguration(json: Data(text.utf8))
        let error = #expect(throws: SchedulerError.self) {
            try scheduler(nil, steps: 4, configuration)
        }
        #expect(error?.hint != nil)
    }
}
