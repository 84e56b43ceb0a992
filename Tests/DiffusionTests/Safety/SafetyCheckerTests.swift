import Foundation
import Generation
import Images
import Tensors
import Testing

@testable import Diffusion

/// The checker and the verdicts that Tests/Reference/safety.py made.
@Suite("The safety checker against diffusers", .serialized)
struct SafetyCheckerTests {
    private struct Expected: Decodable {
        let scores: [Float]
        let isFlagged: Bool
        let special: Bool
    }

    private static let folder = TinyModels.fixtures.appendingPathComponent("safety")
    private static let checker = folder.appendingPathComponent("checker")

    private static func expected() throws -> [Expected] {
        let file = folder.appendingPathComponent("verdicts.json")
        return try JSONDecoder().decode([Expected].self, from: Data(contentsOf: file))
    }

    @Test("every score and verdict is diffusers'")
    func verdicts() throws {
        let checker: SafetyChecker = try SafetyCheckerFile.open(Self.checker).load(Compute())
        let expected = try Self.expected()
        #expect(Set(expected.map(\.isFlagged)) == [true, false])
        #expect(Set(expected.map(\.special)) == [true, false])
        for (index, wanted) in expected.enumerated() {
            let path = Self.folder.appendingPathComponent("picture-\(index).png").path
            let verdict = try checker(try ImageFile.read(path))
            #expect(verdict.scores.count == 17)
            let difference = Difference(verdict.scores, wanted.scores)
            // One step of the third digit: cosines differ in the seventh.
            #expect(difference.maximum < 1.5e-3, "\(index): \(difference)")
            #expect(verdict.isFlagged == wanted.isFlagged, "\(index): \(verdict.score)")
        }
    }

    /// A copy of the tiny Stable Diffusion model with the checker inside, whose thresholds all
    /// pictures pass or none.
    private func model(flagging: Bool) throws -> URL {
        let copy = FileManager.default.temporaryDirectory
            .appendingPathComponent("safety-\(UUID().uuidString)")
        try FileManager.default.copyItem(
            at: TinyModels.fixtures.appendingPathComponent("layouts/sd1"), to: copy)
        try Self.writeChecker(to: copy.appendingPathComponent("safety_checker")) {
            $0.hasSuffix("embeds_weights") ? (flagging ? -1 : 2) : nil
        }
        return copy
    }

    /// The checker's folder with all numbers of some tensors replaced.
    private static func writeChecker(
        to target: URL, replacing value: (String) -> Float?
    ) throws {
        try FileManager.default.copyItem(at: checker, to: target)
        let url = target.appendingPathComponent("model.safetensors")
        let file = try SafetensorsFile(path: url.path)
        let tensors = file.entries.values.sorted { $0.name < $1.name }.map { entry in
            let count = entry.shape.reduce(1, *)
            guard let number = value(entry.name) else {
                return SafetensorsWriter.Tensor(
                    name: entry.name, type: entry.type, shape: entry.shape,
                    bytes: Data(file.bytes(of: entry)))
            }
            return SafetensorsWriter.Tensor(
                name: entry.name, shape: entry.shape,
                values: [Float](repeating: number, count: count))
        }
        try FileManager.default.removeItem(at: url)
        try SafetensorsWriter.write(tensors, to: url.path)
    }

    private static var request: GenerationRequest {
        var request = GenerationRequest(prompt: "a castle")
        (request.width, request.height, request.steps) = (64, 64, 2)
        (request.seeds, request.precision) = ([4], .f32)
        return request
    }

    @Test("flag keeps, blur blurs and block withholds what is flagged, with the score")
    func modes() async throws {
        let folder = try model(flagging: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let engine = DiffusionEngine(embeddedModel: folder)
        var request = Self.request
        let plain = try await EngineRun(engine, request).images[0]
        #expect(plain.isFlagged == nil && plain.safetyScore == nil)
        var shown: [SafetyMode: PixelImage] = [:]
        for mode in [SafetyMode.flag, .blur, .block] {
            request.safety = mode
            let run = try await EngineRun(
                engine, request, options: ExecutionOptions(threads: 1, wantsPreviews: true))
            #expect(run.images[0].isFlagged == true)
            #expect((run.images[0].safetyScore ?? 0) > 0)
            let texts = run.events.compactMap {
                if case .warning(let text) = $0 { text } else { nil }
            }
            #expect(texts.contains { $0.contains("flags the picture of seed 4") }, "\(texts)")
            let previews = run.events.count { if case .preview = $0 { true } else { false } }
            #expect((previews > 0) == (mode == .flag), "\(mode): \(previews) previews")
            shown[mode] = run.images[0].image
        }
        #expect(shown[.flag] == plain.image)
        #expect(shown[.block]?.rgb.allSatisfy { $0 == 0 } == true)
        let blurred = try #require(shown[.blur])
        #expect(blurred != plain.image && blurred != shown[.block])
    }

    @Test("a picture that passes stays as it is, in every mode")
    func passing() async throws {
        let folder = try model(flagging: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let engine = DiffusionEngine(embeddedModel: folder)
        var request = Self.request
        let plain = try await EngineRun(engine, request).images[0].image
        request.safety = .block
        let checked = try await EngineRun(engine, request).images[0]
        #expect(checked.image == plain && checked.isFlagged == false)
        #expect((checked.safetyScore ?? 1) < 0)
    }

    @Test("without a checker, with another thing or damaged numbers there is a sentence")
    func refusals() async throws {
        var request = Self.request
        request.safety = .flag
        let model = TinyModels.fixtures.appendingPathComponent("layouts/sd1")
        func message(_ engine: DiffusionEngine) async -> String {
            do {
                _ = try await EngineRun(engine, request)
                return "accepted"
            } catch { return "\(error)" }
        }
        let engine = DiffusionEngine(embeddedModel: model)
        #expect(await message(engine).contains("there is no safety checker"))
        request.safetyChecker = "/nowhere/checker"
        #expect(await message(engine).contains("/nowhere/checker"))
        request.safetyChecker =
            TinyModels.fixtures.appendingPathComponent("image-prompts/image_encoder").path
        #expect(await message(engine).contains("no concept_embeds"))
        let damaged = FileManager.default.temporaryDirectory
            .appendingPathComponent("checker-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: damaged) }
        try Self.writeChecker(to: damaged) { $0 == "visual_projection.weight" ? .nan : nil }
        request.safetyChecker = damaged.path
        #expect(await message(engine).contains("visual_projection.weight has values"))
    }

    @Test("a checker that is known by name serves models that bring none")
    func known() async throws {
        let checker = Self.checker
        let engine = DiffusionEngine(
            embeddedModel: TinyModels.folder("three-levels"),
            known: KnownModels(safetyCheckers: { [checker] }))
        var request = Self.request
        request.safety = .flag
        #expect(try await EngineRun(engine, request).images[0].safetyScore != nil)
        #expect(try await engine.weightFiles(for: request)["safetyChecker"]?.count == 1)
    }
}
