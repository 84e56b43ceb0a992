import ArgumentParser
import Foundation
import Generation
import Testing

@testable import latent

/// Options to requests, as a pure function.
@Suite struct CommandLineArgumentsTests {
    /// The request and the problems of a command line.
    static func read(
        _ arguments: [String], base: GenerationRequest? = nil, randomSeed: UInt64 = 1000
    ) throws -> (request: GenerationRequest, problems: [String]) {
        let parsed = try GenerateArguments.parse(arguments)
        var reader = ArgumentReader()
        let request = parsed.request(
            from: base, prompt: parsed.prompt.prompt, defaultBackend: "local", reader: &reader,
            drawSeed: { randomSeed })
        return (request, reader.problems.descriptions)
    }

    /// A command line and the change that it makes to the request for "p".
    struct Row: Sendable {
        let arguments: [String]
        let change: @Sendable (inout GenerationRequest) -> Void

        init(
            _ arguments: String..., change: @escaping @Sendable (inout GenerationRequest) -> Void
        ) {
            self.arguments = arguments
            self.change = change
        }
    }

    static let texts: [Row] = [
        Row { _ in },
        Row("-n", "dull") { $0.negativePrompt = "dull" },
        Row("--negative", "-dash first") { $0.negativePrompt = "-dash first" },
        Row("--negative", "") { $0.negativePrompt = "" },
        Row("--prompt-2", "q") { $0.prompt2 = "q" },
        Row("--negative-2", "q") { $0.negativePrompt2 = "q" },
        Row("-b", "fake") { $0.backend = "fake" },
        Row("-m", "some/model") { $0.model = "some/model" },
        Row("--vae", "v") { $0.vae = "v" },
        Row("--refiner", "r", "--high-noise-fraction", "0.7") {
            $0.refiner = "r"
            $0.highNoiseFraction = 0.7
        },
        Row("--clip-skip", "1") { $0.clipSkip = 1 },
        Row("--weighting", "COMFY") { $0.promptWeighting = .comfy },
        Row("--style", "ink") { $0.style = "ink" },
        Row("--safety", "block") { $0.safety = .block },
        Row("--precision", "int8") { $0.precision = .int8 },
        Row("--lora", "a:0.5:te=0.25:lbw=1,0", "--safety", "blur", "--safety-checker", "c") {
            $0.loras = [LoRAReference(name: "a", weight: 0.5)]
            $0.loras[0].textEncoderWeight = 0.25
            $0.loras[0].blockWeights = [1, 0]
            ($0.safety, $0.safetyChecker) = (.blur, "c")
        },
        Row("--ip-adapter", "m", "--ip-image", "i", "--ip-word", "cat") {
            $0.imagePrompts = [ImagePromptReference(model: "m", image: "i")]
            $0.imagePrompts[0].word = "cat"
        },
        Row("--aesthetic-score", "7", "--negative-aesthetic-score", "2") {
            ($0.aestheticScore, $0.negativeAestheticScore) = (7, 2)
        },
        Row("--lora", "a", "--lora", "b:0.5", "--lora", "/x:y/c", "--lora", "d:-1") {
            $0.loras = [
                LoRAReference(name: "a"), LoRAReference(name: "b", weight: 0.5),
                LoRAReference(name: "/x:y/c"), LoRAReference(name: "d", weight: -1),
            ]
        },
        Row("--embedding", "tok=a=b.safetensors") {
            $0.embeddings = [EmbeddingReference(token: "tok", path: "a=b.safetensors")]
        },
    ]

    static let sampling: [Row] = [
        Row("-W", "512", "-H", "768") { ($0.width, $0.height) = (512, 768) },
        Row("--steps", "12", "--cfg", "7.5", "--cfg-rescale", "0.7") {
            $0.steps = 12
            $0.guidanceScale = 7.5
            $0.guidanceRescale = 0.7
        },
        Row("--sampler", "DPM++ 2M Karras") {
            $0.sampler = .dpmpp2m
            $0.schedule = .karras
        },
        Row("--sampler", "DPM++ 2M Karras", "--schedule", "beta") {
            $0.sampler = .dpmpp2m
            $0.schedule = .beta
        },
        Row("--sampler", "UniPCMultistepScheduler") { $0.sampler = .unipc },
        Row("--sampler", "euler_ancestral") { $0.sampler = .eulerAncestral },
        Row("--schedule", "SGM Uniform") { $0.schedule = .sgmUniform },
        Row("-s", "7") { $0.seeds = [7] },
        Row("-s", "7", "--count", "3") { $0.seeds = [7, 8, 9] },
        Row("-s", "7, 5,7") { $0.seeds = [7, 5, 7] },
        Row("-s", "18446744073709551614", "--count", "2") { $0.seeds = [.max - 1, .max] },
        Row("-s", "RANDOM", "--count", "2") { $0.seeds = [1000, 1001] },
        Row("--count", "2") { $0.seeds = [1000, 1001] },
        Row("--rng", "philox") { $0.noiseSource = .philox },
        Row("--variation-seed", "3", "--variation-strength", "0.2") {
            $0.variationSeed = 3
            $0.variationStrength = 0.2
        },
        Row("--tiling", "both") { $0.tiling = .both },
        Row("--hires", "2") { $0.hires = HiresPass(scale: 2) },
        Row("--hires", "1.5:0.3") { $0.hires = HiresPass(scale: 1.5, strength: 0.3) },
        Row("--hires", "2:0.4:pixels") {
            $0.hires = HiresPass(scale: 2, strength: 0.4, upscaler: .pixels)
        },
    ]

    static let conditions: [Row] = [
        Row("--init", "i.png", "--strength", "0.4", "--mask", "m.png") {
            $0.initImage = "i.png"
            $0.strength = 0.4
            $0.maskImage = "m.png"
        },
        Row("--outpaint", "1,2,3,4") {
            $0.outpaint = Outpaint(left: 1, top: 2, right: 3, bottom: 4)
        },
        Row("--outpaint", "1,2,3,4:noise", "--mask-feather", "6", "--mask-padding", "32") {
            $0.outpaint = Outpaint(left: 1, top: 2, right: 3, bottom: 4, fill: .noise)
            $0.maskFeather = 6
            $0.maskPadding = 32
        },
        // Groups follow the order on the command line, not the order of the options' kinds.
        Row(
            "--control", "a", "--control-image", "1.png", "--control-end", "0.5", "--control", "b",
            "--control-scale", "0.6", "--control-preprocess", "canny", "--control-image", "2.png"
        ) {
            $0.controls = [
                ControlReference(model: "a", image: "1.png", end: 0.5),
                ControlReference(model: "b", image: "2.png", scale: 0.6, preprocessor: "canny"),
            ]
        },
        Row(
            "--ip-adapter", "x", "--ip-image", "1.png", "--ip-method", "style", "--ip-adapter",
            "y", "--ip-image", "2.png", "--ip-scale", "0.9", "--ip-mask", "m.png"
        ) {
            $0.imagePrompts = [
                ImagePromptReference(model: "x", image: "1.png", method: .style),
                ImagePromptReference(model: "y", image: "2.png", scale: 0.9, mask: "m.png"),
            ]
        },
    ]

    @Test(arguments: [texts, sampling, conditions])
    func everyOptionSetsItsField(_ rows: [Row]) throws {
        for row in rows {
            let (request, problems) = try Self.read(["p"] + row.arguments)
            var expected = GenerationRequest(prompt: "p")
            expected.seeds = [1000]
            row.change(&expected)
            #expect(problems.isEmpty, "\(row.arguments)")
            #expect(request == expected, "\(row.arguments)")
        }
    }

    @Test(arguments: [
        (["--steps", "ten"], "--steps ten: a whole number is needed"),
        (["--cfg", "inf"], "--cfg inf: a number is needed"),
        (["--clip-skip", "1.5"], "--clip-skip 1.5: a whole number"),
        (["--weighting", "x"], "--weighting x: one of a1111, comfy, none"),
        (["--rng", "cuda"], "--rng cuda: one of torch, philox"),
        (["--tiling", "z"], "--tiling z: one of none, x, y, both"),
        (["--safety", "on"], "--safety on: one of off, flag, blur, block"),
        (["--precision", "f16"], "--precision f16: one of f32, bf16, int8"),
        (["--schedule", "x"], "--schedule x: one of default, karras"),
        (["--seed", "1,,2"], "--seed 1,,2: whole numbers"),
        (["--seed", "18446744073709551616"], "--seed 18446744073709551616"),
        (["--variation-seed", "-3"], "--variation-seed -3"),
        (["-s", "18446744073709551615", "--count", "2"], "--count 2: seeds from 18446744"),
        (["--count", "1000000"], "--count 1000000: a whole number from 1 to 10000"),
        (["--lora", "a:b"], "--lora a:b: NAME or NAME:WEIGHT"),
        (["--lora", "a:1:te=x"], "--lora a:1:te=x: te= needs numbers"),
        (["--lora", "a:lbw=1,,2"], "--lora a:lbw=1,,2: lbw= needs numbers"),
        (["--aesthetic-score", "good"], "--aesthetic-score good: a number is needed"),
        (["--lora", ":1"], "--lora :1: the name is missing"),
        (["--embedding", "tok"], "--embedding tok: TOKEN=PATH"),
        (["--outpaint", "1,2,3,-4"], "--outpaint 1,2,3,-4: four whole numbers"),
        (["--hires", "1"], "--hires 1: SCALE[:STRENGTH["),
        (["--hires", "2:2"], "--hires 2:2: SCALE[:STRENGTH["),
        (["--hires", "2:0.5:blur"], "--hires 2:0.5:blur: SCALE[:STRENGTH["),
        (["--control", "a"], "--control a: needs --control-image"),
        (["--control-image", "a"], "--control-image a: must follow the --control"),
        (
            ["--control", "a", "--control-image", "b", "--control-image", "c"],
            "--control-image c: is given twice"
        ),
        (
            ["--control", "a", "--control-image", "b", "--control-end", "2"],
            "--control-end 2: a number from 0.0 to 1.0"
        ),
        (["--ip-adapter", "a"], "--ip-adapter a: needs --ip-image"),
        (
            ["--ip-adapter", "a", "--ip-image", "b", "--ip-method", "x"],
            "--ip-method x: one of full, style, composition"
        ),
        (["--steps", "a\u{1B}[31mb"], "--steps a [31mb"),
    ])
    func everyWrongValueNamesOptionValueAndWhatIsAccepted(
        _ arguments: [String], _ expected: String
    ) throws {
        let problems = try Self.read(["p"] + arguments).problems
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(expected) == true, "\(problems)")
    }

    @Test func aRecordedRequestHoldsUnlessAnOptionSaysOtherwise() throws {
        var base = GenerationRequest(prompt: "old")
        base.backend = "fake"
        base.seeds = [5, 6]
        base.steps = 11
        base.style = "ink"
        base.expansion = PromptExpansion(prompt: "ink drawing of old", negativePrompt: nil)
        let same = try Self.read([], base: base)
        #expect(same.request == base)
        #expect(same.problems.isEmpty)
        let changed = try Self.read(["new", "--steps", "3", "--count", "3"], base: base).request
        #expect(changed.prompt == "new")
        #expect(changed.steps == 3)
        #expect(changed.seeds == [5, 6, 7], "counted from the first recorded seed")
        #expect(changed.expansion == nil, "what was expanded from another prompt does not fit")
        #expect(changed.backend == "fake")
    }

    @Test func explicitDefaultsAreKeptFromPresets() throws {
        let parsed = try GenerateArguments.parse(["p", "--schedule", "default", "--steps", "9"])
        var request = GenerationRequest(prompt: "p")
        request.steps = 9
        let given = parsed.givenFields(request)
        #expect(given.contains(.schedule) && given.contains(.steps))
        #expect(!given.contains(.sampler))
    }

    @Test func whatABackendCannotDoIsDroppedFieldByField() {
        let capabilities = GeneratorCapabilities(
            fields: [.prompt: .any, .steps: .any], maximumCount: 1)
        var request = GenerationRequest(prompt: "p")
        request.steps = 3
        request.tiling = .both
        request.negativePrompt = "n"
        request.loras = [LoRAReference(name: "a")]
        request.imagePrompts = [ImagePromptReference(model: "m", image: "i")]
        let warnings = request.dropUnsupported(by: capabilities)
        var expected = GenerationRequest(prompt: "p")
        expected.steps = 3
        #expect(request == expected)
        #expect(warnings.count == 4)
        #expect(warnings.contains { $0.hasPrefix("--tiling was dropped") })
    }

    @Test func everyFieldCanBeReset() throws {
        let json = #"""
            {"version":1,"prompt":"p","negativePrompt":"a","prompt2":"b","negativePrompt2":"c",
             "expansion":{"prompt":"e"},"backend":"fake","model":"m","vae":"v","refiner":"r",
             "highNoiseFraction":0.1,"width":64,"height":64,"steps":3,"guidanceScale":2,
             "guidanceRescale":0.3,"guidanceStart":0.1,
             "guidanceEnd":0.9,"featureReuse":3,"extras":{"k":"v"},"sampler":"lms","schedule":"beta","seeds":[1],
             "noiseSource":"philox","variationSeed":2,"variationStrength":0.4,"clipSkip":1,
             "promptWeighting":"none","loras":[{"name":"l","weight":1}],
             "embeddings":[{"token":"t","path":"p"}],"initImage":"i","strength":0.2,
             "maskImage":"k","maskFeather":2,"maskPadding":3,"refinerStrength":0.3,
             "outpaint":{"left":1,"top":1,"right":1,"bottom":1},
             "controls":[{"model":"m","image":"i","scale":1,"start":0,"end":1}],
             "imagePrompts":[{"model":"m","image":"i","scale":1,"method":"full"}],"style":"s",
             "safety":"flag","safetyChecker":"s","aestheticScore":7,
             "negativeAestheticScore":3,"tiling":"x","hires":{"scale":2,"strength":0.5},"precision":"f32"}
            """#
        let full = try JSONDecoder().decode(GenerationRequest.self, from: Data(json.utf8))
        let empty = GenerationRequest(prompt: "")
        for field in RequestField.allCases
        where ![.version, .prompt, .backend].contains(field) {
            #expect(full.value(of: field) != empty.value(of: field), "\(field) is set")
            var request = full
            request.reset(field)
            #expect(request.value(of: field) == empty.value(of: field), "\(field) is reset")
        }
    }
}
