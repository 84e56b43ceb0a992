import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("What saves time where it is asked for", .serialized)
struct EconomyTests {
    private let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))

    private var request: GenerationRequest {
        var request = GenerationRequest(prompt: "a lighthouse on a cliff")
        (request.width, request.height, request.steps) = (64, 64, 6)
        (request.sampler, request.seeds, request.precision) = (.euler, [5], .f32)
        request.guidanceScale = 4
        request.negativePrompt = "fog"
        return request
    }

    @Test("guidance outside its interval is the prompt alone")
    func interval() async throws {
        var never = request
        (never.guidanceStart, never.guidanceEnd) = (0, 0)
        var unguided = request
        unguided.guidanceScale = 1
        let alone = try await EngineRun(engine, unguided)
        #expect(try await EngineRun(engine, never).latents == alone.latents)
        var half = request
        half.guidanceEnd = 0.5
        let some = try await EngineRun(engine, half).latents
        #expect(some != alone.latents)
        #expect(try await EngineRun(engine, request).latents != some)
    }

    @Test("an interval that ends at 1 holds the last step")
    func wholeInterval() {
        #expect(GenerationRequest(prompt: "").guidedPart.contains(0.999))
        var late = GenerationRequest(prompt: "")
        (late.guidanceStart, late.guidanceEnd) = (0.9, 0.2)
        #expect(late.guidedPart.isEmpty)
    }

    @Test("reused features stay near, and a full step at every call changes nothing")
    func reuse() async throws {
        let exact = try await EngineRun(engine, request)
        var reusing = request
        reusing.featureReuse = 2
        let near = try await EngineRun(engine, reusing)
        #expect(near.latents != exact.latents)
        #expect(near.latents.allSatisfy { $0.isFinite })
        let distance = Difference(near.pixels, exact.pixels)
        #expect(distance.decibels > 12, "\(distance)")
    }

    @Test("values out of range are named")
    func ranges() async throws {
        var request = request
        (request.guidanceStart, request.guidanceEnd, request.featureReuse) = (-0.1, 1.5, 0)
        await #expect(throws: InvalidRequest.self) { try await EngineRun(engine, request) }
    }

    @Test(
        "distilled models are known by their scheduler",
        arguments: [
            ("LCMScheduler", "leading", "epsilon", 4),
            ("EulerDiscreteScheduler", "leading", "epsilon", nil),
            ("EulerDiscreteScheduler", "trailing", "epsilon", 4),
            ("EulerAncestralDiscreteScheduler", "trailing", "epsilon", 4),
            ("EulerDiscreteScheduler", "trailing", "v_prediction", nil),
            ("DDIMScheduler", "trailing", "epsilon", 8), ("TCDScheduler", "trailing", "epsilon", 8),
            ("DPMSolverMultistepScheduler", "trailing", "epsilon", nil),
        ] as [(String, String, String, Int?)])
    func fewSteps(name: String, spacing: String, prediction: String, steps: Int?) {
        var configuration = SchedulerConfiguration.sdxl
        configuration.className = name
        configuration.timestepSpacing = spacing
        configuration.predictionType = prediction
        let found = FewStepDefaults(configuration, isToldGuidance: false)
        #expect(found?.steps == steps)
        #expect(found.map { $0.guidanceScale <= 1 } ?? true)
        configuration.rescaleBetasZeroSNR = true
        if name != "LCMScheduler" {
            #expect(FewStepDefaults(configuration, isToldGuidance: false) == nil)
        }
    }
}
