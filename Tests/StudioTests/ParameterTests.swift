import Generation
import Screen
import Testing

@testable import Studio

@Suite("Parameters")
struct ParameterTests {
    @Test(
        "typed values",
        arguments: [
            (.steps, "25", nil), (.steps, "0", "a whole number from 1 to 1000 is needed"),
            (.steps, "x", "a whole number from 1 to 1000 is needed"), (.steps, "", nil),
            (.guidance, "7.5", nil), (.guidance, "101", "a number from 0 to 100 is needed"),
            (.width, "512", nil), (.width, "513", "a multiple of 8 from 64 to 16384 is needed"),
            (.size, "832x1216", nil),
            (.size, "9x9", "width x height in multiples of 8 is needed, such as 832x1216"),
            (.seed, "18446744073709551615", nil),
            (.seed, "-1", "a whole number from 0 to 18446744073709551615 is needed"),
            (.sampler, "euler", nil), (.sampler, "magic", "choose one of the list"),
            (.hires, "1.5:0.4", nil), (.hires, "1", "scale:strength is needed, such as 1.5:0.5"),
            (.variationStrength, "0.2", nil), (.count, "9", "a whole number from 1 to 8 is needed"),
        ] as [(ParameterID, String, String?)])
    func typed(parameter: ParameterID, text: String, problem: String?) {
        var studio = StudioDriver()
        let before = studio.state.parameters
        let answer = studio.state.set(parameter, to: text)
        #expect(answer == problem)
        if problem != nil {
            #expect(studio.state.parameters == before)
        } else if parameter != .size {
            #expect(studio.state.value(of: parameter) == text)
        }
    }

    @Test("a parameter is found by its name and by what it does")
    func finding() {
        var studio = StudioDriver()
        studio.press("Alt-3", "End")
        #expect(studio.state.parameters.selection == .negativePrompt2)
        studio.press("Home")
        #expect(studio.state.parameters.selection == .backend)
        studio.press("PageDown")
        #expect(studio.state.parameters.selection == .seedMode)
        studio.press("/")
        studio.type("inpaint")
        studio.press("Enter")
        #expect(studio.state.parameters.selection == .maskImage)
        studio.press("Alt-1", "Alt-v")
        studio.type("ip-ad")
        studio.press("Enter")
        #expect(studio.state.focus == .parameters)
        #expect(studio.state.parameters.selection == .imagePrompts)
        #expect(studio.state.prompt.editor.text.isEmpty)
    }

    @Test("a backend that knows one value shows that one, not the default of others")
    func onlyChoice() {
        var studio = StudioDriver(width: 160, height: 50)
        studio.describe("fake", fields: [.promptWeighting: .choices(["comfy"])])
        studio.press("Alt-3")
        #expect(studio.screen.buffer.text.contains("Weighting  comfy"))
        #expect(!studio.screen.buffer.text.contains("Weighting  a1111"))
        studio.press("/")
        studio.type("weighting")
        #expect(studio.screen.buffer.text.contains("comfy · "))
    }

    @Test("the search tells of a line what the pane tells")
    func searchSaysWhatThePaneSays() {
        var studio = StudioDriver(width: 160, height: 50)
        studio.press("Alt-3")
        studio.press("/")
        studio.type("seed")
        #expect(studio.state.parameters.seed.mode == .random)
        #expect(studio.screen.buffer.text.contains("drawn for each run · "))
        #expect(!studio.screen.buffer.text.contains("0 · the number"))
    }

    @Test("what means nothing without a refiner goes with it")
    func refiner() {
        var studio = StudioDriver(backends: [GenerationRequest.localBackend])
        for (parameter, value) in [
            (ParameterID.model, "m"), (.refiner, "r"), (.highNoiseFraction, "0.6"),
            (.aestheticScore, "7"),
        ] {
            #expect(studio.state.set(parameter, to: value) == nil)
        }
        #expect(studio.state.set(.refinerStrength, to: "0.3") == nil)
        #expect(studio.state.request.highNoiseFraction == 0.8)
        #expect(studio.state.reason(against: .highNoiseFraction) == "the refiner comes last")
        #expect(studio.state.set(.refiner, to: "") == nil)
        #expect(studio.state.request.refinerStrength == nil)
        #expect(studio.state.request.aestheticScore == nil)
    }

    @Test(
        "a line without room keeps the names of files",
        arguments: [
            ("/a/b/c.png is not read", "…/c.png is not read"),
            ("/a.png is not read", "/a.png is not read"),
            ("no /x/y/z/ there", "no …/z there"),
            ("http://a/b/c is gone", "http://a/b/c is gone"), ("two  spaces /", "two  spaces /"),
        ])
    func shortPaths(sentence: String, expected: String) {
        #expect(ShortPaths.text(sentence) == expected)
    }

    @Test(
        "options of the command line have the labels of the pane",
        arguments: [
            ("needs --mask", "needs Mask"),
            ("needs --mask or --outpaint", "needs Mask or Outpaint"),
            ("name it with --safety-checker, or", "name it with Checker, or"),
            ("start the server with --api", "start the server with --api"),
            ("a -- b", "a -- b"), ("--lora x: no", "LoRAs x: no"),
        ])
    func words(sentence: String, expected: String) {
        #expect(sentence.inStudioWords == expected)
    }

    @Test(
        "what is wrong with a file is told at the parameter that names it",
        arguments: [
            ("/m/loras/film.safetensors does not fit the model", RequestField.loras),
            ("There is no model at /x/vae.safetensors (give a folder)", .vae),
            ("/x/other is not a model", nil), ("/tiny-refiner: no", .refiner),
        ] as [(String, RequestField?)])
    func speaksOf(sentence: String, field: RequestField?) {
        var request = GenerationRequest(prompt: "")
        request.loras = [LoRAReference(name: "film", weight: 1)]
        (request.vae, request.refiner) = ("/x/vae.safetensors", "tiny-refiner")
        #expect(request.field(spokenOfIn: sentence) == field)
    }

    @Test("arrows step from the default, within the range of the backend")
    func arrows() {
        var studio = StudioDriver()
        studio.describe("fake", fields: [.steps: .integers(minimum: 4, maximum: 14, step: 2)])
        studio.state.parameters.selection = .steps
        studio.press("Alt-3", "Right")
        #expect(studio.state.request.steps == 14)
        studio.press("Right")
        #expect(studio.state.request.steps == 14)
        studio.press("Left")
        #expect(studio.state.request.steps == 12)
        studio.press("Backspace")
        #expect(studio.state.request.steps == nil)
    }

    @Test("a list is searched by typing")
    func list() {
        var studio = StudioDriver()
        studio.press("F3")
        studio.type("eua")
        studio.press("Enter")
        #expect(studio.state.request.sampler == .eulerAncestral)
        #expect(studio.state.layers.isEmpty)
    }

    @Test("a refused value stays with its reason until it is mended")
    func refused() {
        var studio = StudioDriver()
        studio.state.parameters.selection = .steps
        studio.press("Alt-3")
        studio.type("0")
        studio.press("Enter")
        #expect(studio.state.parameters.problem != nil)
        #expect(studio.state.parameters.editing?.text == "0")
        studio.press("Backspace")
        studio.type("20")
        studio.press("Enter")
        #expect(studio.state.parameters.problem == nil)
        #expect(studio.state.request.steps == 20)
    }

    @Test("a field that the backend cannot honour cannot be changed")
    func unsupported() {
        var studio = StudioDriver()
        studio.describe("fake", fields: [.steps: .unsupported(reason: "chosen by the service")])
        studio.state.parameters.selection = .steps
        studio.press("Alt-3", "Right")
        #expect(studio.state.request.steps == nil)
        #expect(studio.state.status?.text == "Steps: chosen by the service")
        studio.type("5")
        #expect(studio.state.parameters.editing == nil)
    }

    @Test("sizes follow the model's own")
    func sizes() {
        #expect(SizePresets.choices(side: 1024).first?.value == "1024x1024")
        #expect(SizePresets.choices(side: 1024).contains { $0.value == "832x1216" })
        for side in [256, 512, 768, 1024] {
            for choice in SizePresets.choices(side: side) {
                let sides = choice.value.split(separator: "x").compactMap { Int($0) }
                #expect(sides.count == 2 && sides.allSatisfy { $0 % 8 == 0 && $0 >= 64 })
            }
        }
    }
}
