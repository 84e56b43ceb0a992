import Generation
import Testing

@testable import History

@Suite struct FieldSettingTests {
    private func changed(_ text: String) throws -> GenerationRequest {
        var request = GenerationRequest(prompt: "a fox")
        request.expansion = PromptExpansion(prompt: "a red fox", negativePrompt: nil)
        return try FieldSetting(text).applied(to: request)
    }

    @Test func numbersNamesAndTextsAreUnderstood() throws {
        #expect(try changed("steps=12").steps == 12)
        #expect(try changed("cfg=6.5").guidanceScale == 6.5)
        #expect(try changed("guidanceScale=7").guidanceScale == 7)
        #expect(try changed("sampler=DPM++ 2M").sampler == .dpmpp2m)
        #expect(try changed("schedule=Karras").schedule == .karras)
        #expect(try changed("rng=philox").noiseSource == .philox)
        #expect(try changed("precision=bf16").precision == .bf16)
        #expect(try changed("model=123").model == "123")
        #expect(try changed("negative=a=b").negativePrompt == "a=b")
        #expect(try changed("clipSkip=1").clipSkip == 1)
    }

    @Test func structuresAreUnderstood() throws {
        #expect(try changed("seeds=1,18446744073709551615").seeds == [1, .max])
        #expect(try changed("seed=7").seeds == [7])
        #expect(try changed("seed=random").seeds == [])
        #expect(
            try changed("lora=ink:0.5,other").loras == [
                LoRAReference(name: "ink", weight: 0.5), LoRAReference(name: "other"),
            ])
        #expect(try changed("hires=1.5:0.4").hires == HiresPass(scale: 1.5, strength: 0.4))
        #expect(try changed("outpaint=1,2,3,4").outpaint?.bottom == 4)
    }

    @Test func anEmptyValueIsTheDefault() throws {
        #expect(try changed("steps=").steps == nil)
        #expect(try changed("schedule=").schedule == .default)
        #expect(try changed("prompt=").prompt == "")
    }

    @Test func aChangedPromptDropsTheExpansion() throws {
        #expect(try changed("prompt=a dog").effectivePrompt == "a dog")
        #expect(try changed("steps=3").effectivePrompt == "a red fox")
    }

    @Test(arguments: [
        "steps", "steps=many", "nonsense=1", "version=2", "sampler=magic", "seed=-1",
        "precision=f8", "outpaint=1,2", "expansion=x", "steps=1.5",
    ])
    func whatCannotBeSetIsRefused(text: String) {
        #expect(throws: FieldSetting.Problem.self) { try changed(text) }
    }
}
