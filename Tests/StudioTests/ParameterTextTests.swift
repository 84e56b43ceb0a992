import Generation
import Testing

@testable import Studio

@Suite("Parameters that are lists")
struct ParameterTextTests {
    @Test("every field of a request can be reached")
    func reachable() {
        let elsewhere: Set<RequestField> = [.version, .expansion, .prompt, .negativePrompt]
        let shown = Set(ParameterID.allCases.compactMap(\.field))
        for field in RequestField.allCases where !elsewhere.contains(field) {
            #expect(shown.contains(field), "\(field) has no line")
        }
    }

    @Test(
        "what is typed comes back the same",
        arguments: [
            (.loras, "film:0.8, my oil:1, c:-0.5"),
            (
                .loras,
                "film:0.8:te=0.4:lbw=1,0,0.5,1,1,1,1,1,1,1,1,1, /a:b/c.safetensors:1, oil:0.5:te=0"
            ),
            (.embeddings, "<cat>=/a/cat.safetensors, b=c"),
            (.outpaint, "0,0,128,64"), (.outpaint, "8,0,0,0:noise"), (.hires, "1.5:0.4"),
            (.hires, "2:0.4:pixels"),
            (
                .controls,
                "canny \"my edges.png\" scale=0.8 start=0.1 end=0.7 preprocess=canny; b c scale=1"
            ),
            (.imagePrompts, "plus face.png scale=0.5 method=style mask=\"a b.png\""),
            (.prompt2, "an oil painting"),
            (.negativePrompt2, "blurry"),
        ] as [(ParameterID, String)])
    func roundTrip(parameter: ParameterID, text: String) {
        var studio = StudioDriver()
        studio.state.parameters.request.initImage = "a.png"
        #expect(studio.state.set(parameter, to: text) == nil)
        #expect(studio.state.value(of: parameter) == text)
        #expect(studio.state.set(parameter, to: "") == nil)
        #expect(studio.state.value(of: parameter).isEmpty)
    }

    @Test("fields of a remote service are pairs")
    func extras() {
        var request = GenerationRequest(prompt: "")
        #expect(ParameterText.store("tier=a=b, mode=fast", as: .extras, in: &request) == nil)
        #expect(request.extras == ["mode": "fast", "tier": "a=b"])
        #expect(ParameterText.text(of: .extras, in: request) == "mode=fast, tier=a=b")
        #expect(ParameterText.store("mode", as: .extras, in: &request) == "field=value is needed")
    }

    @Test(
        "what cannot be read is explained",
        arguments: [
            (.loras, "a:b", "name:weight is needed, such as film-grain:0.8"),
            (.loras, "a:1:te=x", "te= needs numbers"),
            (.loras, "a:nan", "name:weight is needed, such as film-grain:0.8"),
            (.embeddings, "=x", "word=file is needed, such as <cat>=cat.safetensors"),
            (.outpaint, "1,2,3", "pixels for left,top,right,bottom are needed: 0,0,128,0"),
            (.outpaint, "1,2,3,-4", "pixels for left,top,right,bottom are needed: 0,0,128,0"),
            (.controls, "canny", "a model and a picture are needed: canny edges.png scale=0.8"),
            (.controls, "canny a.png scale=11", "scale is a number from 0 to 10"),
            (.controls, "canny a.png start=0.9 end=0.2", "start is behind end"),
            (
                .controls, "canny a.png power=1",
                "power=1 is not one of scale= start= end= preprocess="
            ),
            (.controls, "canny \"a.png", "a quotation mark is not closed"),
            (.imagePrompts, "plus a.png method=half", "method is one of full, style, composition"),
        ] as [(ParameterID, String, String)])
    func unreadable(parameter: ParameterID, text: String, problem: String) {
        var studio = StudioDriver()
        studio.state.parameters.request.initImage = "a.png"
        let before = studio.state.parameters
        #expect(studio.state.set(parameter, to: text) == problem)
        #expect(studio.state.parameters == before)
    }

    @Test("what the backend cannot honour is dimmed with its reason and cannot be edited")
    func dimmed() {
        var studio = StudioDriver()
        studio.describe("fake", fields: [.loras: .unsupported(reason: "no LoRA here")])
        #expect(studio.state.reason(against: .loras) == "no LoRA here")
        studio.press("Alt-3")
        studio.state.parameters.selection = .loras
        studio.press("Enter")
        #expect(studio.state.parameters.editing == nil)
        #expect(studio.state.status?.text == "LoRAs: no LoRA here")
    }

    @Test("restoring an entry does not name the LoRAs of its tags twice")
    func restoredTags() {
        var studio = StudioDriver()
        var entry = StudioDriver.entry("1", "a <lora:oil:0.5> fox")
        entry.request.loras = [.init(name: "oil", weight: 0.5), .init(name: "film", weight: 1)]
        entry.request.expansion = .init(prompt: "a  fox", negativePrompt: nil)
        studio.send(.history([entry]))
        studio.press("Alt-5", "Enter")
        #expect(studio.state.parameters.request.loras == [.init(name: "film", weight: 1)])
        #expect(studio.state.request.expansion == nil)
    }
}
