import Generation
import Images
import Testing

@testable import Providers

@Suite struct ServerMappingTests {
    @Test(arguments: [
        ("base", "sdxl/base.safetensors"), ("BASE.safetensors", "sdxl/base.safetensors"),
        ("sdxl/base.safetensors", "sdxl/base.safetensors"),
        ("/models/other.ckpt", "win\\other.ckpt [0123abcd]"),
    ])
    func filesAreFoundByNamePathOrStem(wanted: String, found: String) {
        let listed = ["sdxl/base.safetensors", "win\\other.ckpt [0123abcd]"]
        #expect(NameMatch.findFile(wanted, among: listed) == found)
        #expect(NameMatch.findFile("nothing", among: listed) == nil)
    }

    @Test(arguments: Sampler.allCases)
    func everySamplerIsFoundUnderA1111sAndComfysName(sampler: Sampler) {
        let names = SamplerNames.allNames(of: sampler)
        let a1111 = SamplerNames.a1111Name(of: sampler)
        let comfy = SamplerNames.comfyName(of: sampler)
        let others = Sampler.allCases.filter { $0 != sampler }
        let listed = others.map { SamplerNames.a1111Name(of: $0) } + [a1111]
        #expect(NameMatch.find(names, among: listed) == a1111)
        let nodes = others.map { SamplerNames.comfyName(of: $0) } + [comfy]
        #expect(NameMatch.find(names, among: nodes) == comfy)
    }

    @Test func tagsHaveNoRoomForPathsAndBrackets() {
        var request = GenerationRequest(prompt: "fox")
        request.loras = [LoRAReference(name: "/a:b/<x>y:z.safetensors", weight: 1)]
        #expect(ServerPrompt(request).tagged(request.loras) == "fox <lora:xyz:1>")
        request.loras[0].textEncoderWeight = 0.4
        #expect(ServerPrompt(request).tagged(request.loras) == "fox <lora:xyz:0.4:1>")
    }

    @Test func argumentsAreTakenOutWhereverTheyStand() {
        let tag = "<sd_cpp_extra_args>{}</sd_cpp_extra_args>"
        for (text, rest) in [
            ("\(tag)a\(tag)", "a"), ("a<sd_cpp_extra_args>b", "ab"), ("plain", "plain"),
            ("<sd_cpp_extra_args><sd_cpp_extra_args>{}</sd_cpp_extra_args>", ""),
        ] {
            let prompt = ServerPrompt(GenerationRequest(prompt: text))
            #expect(prompt.text == rest)
            #expect(prompt.hasLostArguments == (text != rest))
        }
    }

    @Test func seedsFormRuns() {
        var request = GenerationRequest(prompt: "")
        request.seeds = [1, 2, 3, 7, 8, UInt64.max, 0]
        let runs = request.seedRuns(longest: 2)
        #expect(runs.map(\.first) == [1, 3, 7, UInt64.max, 0] as [UInt64])
        #expect(runs.map(\.count) == [2, 1, 2, 1, 1])
    }

    @Test func promptIdentifiersFollowFromOne() throws {
        let base = "6f9619ff-8b86-4d01-b42d-00cf4fc9ffff"
        let prompts = ComfyPrompts(base: base, count: 3)
        #expect(prompts.ids[0] == base)
        #expect(prompts.ids[1] == "6f9619ff-8b86-4d01-b42d-00cf4fc90000")
        #expect(ComfyPrompts(taskID: prompts.taskID) == prompts)
        for text in ["", "x", "\(base)*0", "\(base)*x", "\(base)*1*1", "../queue"] {
            #expect(ComfyPrompts(taskID: text) == nil)
        }
    }

    @Test func binaryFramesOfEveryLengthAreReadOrIgnored() {
        let frame: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 2, 0x7B, 0x7D, 1, 2, 3]
        for length in 0..<frame.count {
            _ = ComfyMessage(.binary(Array(frame.prefix(length))))
        }
        #expect(ComfyMessage(.binary(frame)) == .preview(prompt: nil, [1, 2, 3]))
        #expect(ComfyMessage(.binary([0, 0, 0, 4, 255, 255, 255, 255, 1])) == nil)
        #expect(ComfyMessage(.binary([0, 0, 0, 2, 0, 0, 0, 0, 1])) == nil)
    }

    @Test(arguments: [
        "", "{", "[]", #"{"type": 5}"#, #"{"type": "progress", "data": {"value": 1, "max": 0}}"#,
        #"{"type": "executing", "data": null}"#, #"{"type": "crystools.monitor", "data": {}}"#,
    ])
    func messagesOfNoMeaningAreIgnored(text: String) {
        #expect(ComfyMessage(.text(text)) == nil)
    }

    @Test func choicesAreReadInBothForms() throws {
        let text = #"""
            {"KSampler": {"input": {"required": {
              "sampler_name": [["euler", "lcm"], {"tooltip": ""}],
              "scheduler": ["COMBO", {"options": ["normal"]}], "seed": ["INT", {"max": 1}]}}}}
            """#
        var catalog = ComfyCatalog()
        catalog.read("KSampler", try #require(JSONValue(parsing: text)))
        #expect(catalog.names("KSampler", "sampler_name") == ["euler", "lcm"])
        #expect(catalog.names("KSampler", "scheduler") == ["normal"])
        #expect(catalog.names("KSampler", "seed") == [])
    }
}
