import Foundation
import Generation
import Testing

@Suite struct RequestCodingTests {
    @Test func onlyThePromptIsRequired() throws {
        let request = try decode(#"{"prompt": "a cliff"}"#)
        #expect(request == GenerationRequest(prompt: "a cliff"))
    }

    @Test func everyFieldIsWrittenAlsoWhenAbsent() throws {
        let data = try JSONEncoder().encode(GenerationRequest(prompt: "x"))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(object.keys) == Set(RequestField.allCases.map(\.rawValue)))
    }

    @Test func aFullRequestSurvivesTheRoundTrip() throws {
        let request = fullRequest()
        let again = try JSONDecoder().decode(
            GenerationRequest.self, from: JSONEncoder().encode(request))
        #expect(again == request)
    }

    @Test func seedsKeepAllTheir64Bits() throws {
        let request = try decode(
            #"{"prompt": "", "seeds": [18446744073709551615, 9007199254740993]}"#)
        #expect(request.seeds == [UInt64.max, 9_007_199_254_740_993])
    }

    @Test func unknownKeysAreNamed() {
        #expect(throws: RequestFormatError.unknownKeys(["stpes"])) {
            try decode(#"{"prompt": "x", "stpes": 3}"#)
        }
    }

    @Test(arguments: [
        (#""sampler": "DPM++ 2M Karras""#, Sampler.dpmpp2m, Schedule.karras),
        (#""sampler": "DPM++ 2M Karras", "schedule": null"#, .dpmpp2m, .karras),
        (#""sampler": "DPM++ 2M Karras", "schedule": "SGM Uniform""#, .dpmpp2m, .sgmUniform),
        (#""sampler": "EulerAncestralDiscreteScheduler""#, .eulerAncestral, .default),
    ])
    func solversAreReadInAnyToolsSpelling(
        _ fields: String, _ sampler: Sampler, _ schedule: Schedule
    ) throws {
        let request = try decode("{\"prompt\": \"x\", \(fields)}")
        #expect(request.sampler == sampler)
        #expect(request.schedule == schedule)
    }

    @Test func everySolverIsReadAsWritten() throws {
        for sampler in Sampler.allCases {
            for schedule in Schedule.allCases {
                var request = GenerationRequest(prompt: "x")
                (request.sampler, request.schedule) = (sampler, schedule)
                let data = try JSONEncoder().encode(request)
                #expect(try JSONDecoder().decode(GenerationRequest.self, from: data) == request)
            }
        }
    }

    @Test func aWrongTypeIsADecodingError() {
        #expect(throws: DecodingError.self) { try decode(#"{"prompt": "x", "steps": "3"}"#) }
        #expect(throws: DecodingError.self) { try decode(#"{"steps": 3}"#) }
    }

    @Test func newerVersionsAreRefused() {
        #expect(throws: RequestFormatError.newerVersion(99)) {
            try decode(#"{"prompt": "x", "version": 99}"#)
        }
    }

    @Test func anAbsentNegativePromptIsNotAnEmptyOne() throws {
        #expect(try decode(#"{"prompt": "x", "negativePrompt": null}"#).negativePrompt == nil)
        #expect(try decode(#"{"prompt": "x", "negativePrompt": ""}"#).negativePrompt == "")
    }

    private func decode(_ json: String) throws -> GenerationRequest {
        try JSONDecoder().decode(GenerationRequest.self, from: Data(json.utf8))
    }

    /// A request in which every field differs from its default.
    private func fullRequest() -> GenerationRequest {
        var request = GenerationRequest(prompt: "a “quoted” cliff\nat sunset 🌇")
        request.negativePrompt = ""
        request.prompt2 = "oil painting"
        request.negativePrompt2 = "blurry"
        request.expansion = PromptExpansion(prompt: "expanded", negativePrompt: nil)
        (request.backend, request.model, request.vae) = ("gpu-box", "base", "vae.safetensors")
        (request.refiner, request.highNoiseFraction) = ("refiner", 0.7)
        (request.width, request.height, request.steps) = (832, 1216, 25)
        (request.guidanceScale, request.guidanceRescale) = (6.5, 0.7)
        (request.guidanceStart, request.guidanceEnd, request.featureReuse) = (0.1, 0.9, 3)
        (request.sampler, request.schedule) = (.dpmpp2mSDE, .karras)
        (request.seeds, request.noiseSource) = ([7, .max], .philox)
        (request.variationSeed, request.variationStrength) = (8, 0.25)
        (request.clipSkip, request.promptWeighting) = (1, .comfy)
        request.loras = [LoRAReference(name: "ink", weight: 0.8)]
        request.embeddings = [EmbeddingReference(token: "<x>", path: "x.safetensors")]
        (request.initImage, request.strength, request.maskImage) = ("in.png", 0.58, "mask.png")
        request.outpaint = Outpaint(left: 8, top: 0, right: 16, bottom: 0)
        request.controls = [ControlReference(model: "canny", image: "edges.png", scale: 0.5)]
        request.imagePrompts = [ImagePromptReference(model: "plus", image: "face.png")]
        (request.style, request.safety, request.tiling) = ("ink", .flag, .both)
        (request.hires, request.precision) = (HiresPass(scale: 1.5), .int8)
        (request.aestheticScore, request.negativeAestheticScore) = (7, 3)
        request.safetyChecker = "checker"
        request.loras[0].blockWeights = [Double](repeating: 0.5, count: 12)
        return request
    }
}
