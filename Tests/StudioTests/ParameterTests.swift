import Generation
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
