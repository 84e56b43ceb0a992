import Generation
import Testing

@Suite("A request for another backend")
struct AdaptedRequestTests {
    private static func capabilities(
        _ changes: [RequestField: FieldSupport], count: Int = 4
    ) -> GeneratorCapabilities {
        var fields = Dictionary(
            uniqueKeysWithValues: RequestField.allCases.map { ($0, FieldSupport.any) })
        fields.merge(changes) { $1 }
        return GeneratorCapabilities(fields: fields, maximumCount: count)
    }

    @Test("what can be honoured stays, the rest is left out and named")
    func fields() {
        var request = GenerationRequest(prompt: "a fox")
        request.steps = 12
        request.sampler = .euler
        request.guidanceRescale = 0.7
        request.seeds = [1, 2, 3]
        let adapted = AdaptedRequest(
            request, to: "there",
            Self.capabilities(
                [
                    .steps: .integers(minimum: 20, maximum: 100, step: 1),
                    .guidanceRescale: .unsupported(reason: "has none"),
                ], count: 2))
        #expect(adapted.request.backend == "there")
        #expect(adapted.request.steps == nil)
        #expect(adapted.request.sampler == .euler)
        #expect(adapted.request.guidanceRescale == 0)
        #expect(adapted.request.seeds == [1, 2])
        #expect(adapted.notes.count == 3)
        #expect(adapted.problems.isEmpty)
    }

    @Test("a field that needs one that was left out goes with it")
    func dependents() {
        var request = GenerationRequest(prompt: "a fox")
        request.initImage = "a.png"
        request.strength = 0.5
        request.maskImage = "m.png"
        request.maskFeather = 4
        let adapted = AdaptedRequest(
            request, to: "there", Self.capabilities([.initImage: .unsupported(reason: "no")]))
        #expect(adapted.problems.isEmpty)
        #expect(adapted.request.maskImage == nil)
        #expect(adapted.request.strength == nil)
        #expect(adapted.request.maskFeather == 0)
    }

    @Test("a model is a name of one backend")
    func model() {
        var request = GenerationRequest(prompt: "a fox")
        request.backend = "here"
        request.model = "juggernaut"
        let all = Self.capabilities([:])
        #expect(AdaptedRequest(request, to: "here", all).request.model == "juggernaut")
        #expect(AdaptedRequest(request, to: "there", all).request.model == nil)
        #expect(
            AdaptedRequest(request, to: "there", all, models: ["juggernaut"]).request.model
                == "juggernaut")
        let choices = Self.capabilities([.model: .choices(["juggernaut"])])
        #expect(AdaptedRequest(request, to: "there", choices).request.model == "juggernaut")
    }

    @Test("a service's own style is called what the other one calls it, or is one of ours")
    func styles() {
        var request = GenerationRequest(prompt: "a fox")
        request.backend = "segmind"
        request.extras = ["style": "comic-book"]
        var octo = Self.capabilities([:])
        octo.extras = [
            ExtraField("style_preset", .choices(["anime", "comic-book", "Craft Clay"]), "")
        ]
        let there = AdaptedRequest(request, to: "octoai", octo)
        #expect(there.request.extras == ["style_preset": "comic-book"])
        #expect(there.problems.isEmpty)
        request.backend = "octoai"
        request.extras = ["style_preset": "Craft Clay"]
        var segmind = Self.capabilities([:])
        segmind.extras = [ExtraField("style", .text, "")]
        #expect(
            AdaptedRequest(request, to: "segmind", segmind).request.extras
                == ["style": "craft-clay"])
        let local = AdaptedRequest(request, to: "local", Self.capabilities([:])).request
        #expect(local.extras.isEmpty)
        #expect(local.style == "clay")
        request.extras = ["style_preset": "Zentangle"]
        let unknown = AdaptedRequest(request, to: "local", Self.capabilities([:]))
        #expect(unknown.request.extras.isEmpty)
        #expect(unknown.notes.count == 1)
    }

    @Test("a text that is refused cannot be left out")
    func text() {
        let request = GenerationRequest(
            prompt: String(repeating: "x", count: GenerationRequest.maximumPromptBytes + 1))
        let adapted = AdaptedRequest(request, to: "there", Self.capabilities([:]))
        #expect(adapted.problems.count == 1)
        #expect(adapted.request.prompt == request.prompt)
    }
}
