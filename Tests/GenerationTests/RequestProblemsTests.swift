import Generation
import Testing

@Suite struct RequestProblemsTests {
    /// A backend like a small service: few fields, narrow ranges.
    private let service = GeneratorCapabilities(
        fields: [
            .negativePrompt: .any, .seeds: .any,
            .width: .integers(minimum: 256, maximum: 1024, step: 64),
            .height: .integers(minimum: 256, maximum: 1024, step: 64),
            .steps: .integers(minimum: 20, maximum: 100, step: 1),
            .guidanceScale: .numbers(minimum: 1, maximum: 20),
            .sampler: .choices(["euler", "ddim"]),
            .refiner: .unsupported(reason: "not supported by this backend yet"),
        ], maximumCount: 2)

    @Test func aPlainRequestHasNone() {
        #expect(GenerationRequest(prompt: "x").problems(for: service).isEmpty)
    }

    @Test func allProblemsComeAtOnceEachWithOptionValueAndReason() {
        var request = GenerationRequest(prompt: "x")
        (request.width, request.height) = (1000, 320)
        (request.steps, request.guidanceScale) = (0, .nan)
        (request.sampler, request.refiner) = (.heun, "r")
        (request.seeds, request.tiling) = ([1, 2, 3], .x)
        let problems = request.problems(for: service)
        #expect(
            Set(problems.map(\.field)) == [
                .width, .steps, .guidanceScale, .sampler, .refiner, .seeds, .tiling,
            ])
        let texts = problems.map(\.description)
        #expect(texts.contains("--width 1000: a multiple of 64 from 256 to 1024 is needed"))
        #expect(texts.contains("--refiner r: not supported by this backend yet"))
        #expect(texts.contains("--tiling x: not supported by this backend"))
    }

    @Test(arguments: [
        (RequestField.width, 63), (.width, 12), (.width, 100), (.height, 1 << 20), (.steps, 0),
        (.steps, 1001), (.clipSkip, 0),
    ])
    func wholeNumbersOutOfRangeAreRefusedByEveryBackend(field: RequestField, value: Int) {
        var request = GenerationRequest(prompt: "x")
        switch field {
        case .width: request.width = value
        case .height: request.height = value
        case .steps: request.steps = value
        default: request.clipSkip = value
        }
        #expect(request.problems(for: anything).map(\.field).contains(field))
    }

    @Test(arguments: [Double.nan, .infinity, -1, 100.5])
    func guidanceOutOfRangeIsRefused(scale: Double) {
        var request = GenerationRequest(prompt: "x")
        request.guidanceScale = scale
        #expect(request.problems(for: anything).map(\.field) == [.guidanceScale])
    }

    @Test func aPromptOfAMegabyteIsRefusedWithItsSize() {
        let request = GenerationRequest(prompt: String(repeating: "x", count: 1 << 20))
        #expect(request.problems(for: anything).map(\.value) == ["1048576 bytes"])
    }

    @Test func maskAndStrengthNeedAnInitialPicture() {
        var request = GenerationRequest(prompt: "x")
        (request.maskImage, request.strength) = ("m.png", 0.5)
        #expect(Set(request.problems(for: anything).map(\.field)) == [.maskImage, .strength])
    }

    @Test func escapeSequencesInValuesDoNotReachTheTerminal() {
        var request = GenerationRequest(prompt: "x")
        request.refiner = "\u{1B}[2J\u{9B}evil\u{202E}"
        let text = request.problems(for: service).map(\.description).joined()
        #expect(!text.unicodeScalars.contains { $0.value < 32 || (0x7F..<0xA0).contains($0.value) })
        #expect(!text.contains("\u{202E}"))
    }

    private var anything: GeneratorCapabilities {
        GeneratorCapabilities(
            fields: Dictionary(uniqueKeysWithValues: RequestField.allCases.map { ($0, .any) }),
            maximumCount: 1000)
    }
}
