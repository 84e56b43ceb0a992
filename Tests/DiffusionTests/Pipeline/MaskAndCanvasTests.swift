import Foundation
import Generation
import Images
import Tensors
import Testing

@testable import Diffusion

@Suite("Masks, canvases and seamless edges", .serialized)
struct MaskAndCanvasTests {
    private let engine = DiffusionEngine(embeddedModel: TinyModels.folder("three-levels"))
    private let picture = TinyModels.fixtures.appendingPathComponent("expected/input.png").path

    private func base() -> GenerationRequest {
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps) = (64, 72, 4)
        (request.seeds, request.precision) = ([3], .f32)
        (request.initImage, request.strength) = (picture, 0.75)
        return request
    }

    private func file(_ image: PixelImage) throws -> String {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString).png").path
        try Data(try image.encoded(as: .png)).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("a mask without anything white is refused before any work")
    func blackMask() async throws {
        let path = try file(PixelImage(width: 64, height: 72, filledWith: (100, 100, 100)))
        defer { try? FileManager.default.removeItem(atPath: path) }
        for padding in [nil, 8] {
            var request = base()
            (request.maskImage, request.maskPadding) = (path, padding)
            await #expect {
                try await EngineRun(engine, request)
            } throws: { error in
                (error as? InvalidRequest)?.problems.map(\.field) == [.maskImage]
            }
        }
    }

    @Test("feathering leaves what the mask does not reach, bit for bit")
    func untouched() async throws {
        var mask = [UInt8](repeating: 0, count: 64 * 72 * 3)
        for y in 0..<24 { for x in 0..<(24 * 3) { mask[y * 64 * 3 + x] = 255 } }
        let path = try file(try #require(PixelImage(width: 64, height: 72, rgb: mask)))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var request = base()
        (request.maskImage, request.maskFeather) = (path, 3)
        let original = try ImageFile.read(picture)
        let result = try await EngineRun(engine, request).images[0].image
        for y in 48..<72 {
            let row = (y * 64 * 3)..<((y + 1) * 64 * 3)
            #expect(result.rgb[row] == original.rgb[row])
        }
        #expect(result.rgb[..<300] != original.rgb[..<300])
        request.maskPadding = 4
        let part = try await EngineRun(engine, request).images[0].image
        #expect(part.width == 64 && part.height == 72)
        #expect(part.rgb[(60 * 64 * 3)...] == original.rgb[(60 * 64 * 3)...])
    }

    @Test("outpainting keeps the old picture's inside and says nothing of sizes that fit")
    func outpainting() async throws {
        for fill in Outpaint.Fill.allCases {
            var request = base()
            (request.width, request.height) = (nil, nil)
            request.outpaint = Outpaint(left: 0, top: 0, right: 32, bottom: 8, fill: fill)
            let run = try await EngineRun(engine, request)
            let result = run.images[0].image
            #expect(result.width == 96 && result.height == 80)
            let original = try ImageFile.read(picture)
            for y in 0..<32 {
                for x in 0..<20 {
                    let (old, new) = ((y * 64 + x) * 3, (y * 96 + x) * 3)
                    #expect(original.rgb[old..<(old + 3)] == result.rgb[new..<(new + 3)])
                }
            }
            let warnings = run.events.filter { if case .warning = $0 { true } else { false } }
            #expect(warnings.isEmpty)
        }
    }

    @Test("a picture brings its size, a canvas its own, a part that is worked on none")
    func defaultSizes() async throws {
        var request = base()
        (request.width, request.height) = (nil, nil)
        let plain = try await engine.defaults(for: request)
        #expect((plain.width, plain.height) == (64, 72))
        request.outpaint = Outpaint(left: 16, top: 0, right: 8, bottom: 24)
        let canvas = try await engine.defaults(for: request)
        #expect((canvas.width, canvas.height) == (88, 96))
        (request.outpaint, request.maskPadding) = (nil, 8)
        let part = try await engine.defaults(for: request)
        #expect((part.width, part.height) == (64, 64))
    }

    @Test("a mask of another size is resized, and that is said")
    func otherSize() async throws {
        let path = try file(PixelImage(width: 30, height: 30, filledWith: (255, 255, 255)))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var request = base()
        request.maskImage = path
        let run = try await EngineRun(engine, request)
        let warnings = run.events.compactMap { event -> String? in
            if case .warning(let text) = event { text } else { nil }
        }
        #expect(warnings.count == 1 && warnings[0].contains("30x30"))
    }

    @Test("a second pass gives the larger size, counts its steps, and strength 0 only enlarges")
    func hires() async throws {
        var request = base()
        (request.initImage, request.strength) = (nil, nil)
        request.hires = HiresPass(scale: 1.6, strength: 0.5)
        let run = try await EngineRun(engine, request)
        #expect(run.images[0].image.width == 96 && run.images[0].image.height == 112)
        let steps = run.events.compactMap { event -> Int? in
            if case .stage(.sampling(let step, 6, _, _)) = event { step } else { nil }
        }
        #expect(steps == [0, 1, 2, 3, 4, 4, 5, 6])
        request.hires?.strength = 0
        #expect(try await EngineRun(engine, request).images[0].image.width == 96)
    }

    @Test("a tile's decoder sees the opposite edge")
    func tiledSeam() async throws {
        let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
        let pipeline = try SDXLPipeline(checkpoint, options: .init())
        pipeline.compute.wrap = .init(horizontal: true, vertical: true)
        let (height, width) = (44, 60)
        let values = (0..<(4 * height * width)).map { Float(($0 * 7919) % 101) / 50 - 1 }
        let latents = try pipeline.compute.tensor(fromPlanes: values, [1, 4, height, width])
        let decoder: VAEDecoder = try checkpoint.vae.load(pipeline.compute)
        var tiled = TiledVAE(checkpoint.vae.configuration, compute: pipeline.compute)
        let whole = try pipeline.compute.floats(try tiled.decode(latents, with: decoder))
        (tiled.tile, tiled.untiledLimit) = (40, 1)
        let parts = try pipeline.compute.floats(try tiled.decode(latents, with: decoder))
        let seams = zip(whole, parts).map { abs($0 - $1) }.reduce(0, +) / Float(whole.count)
        pipeline.compute.wrap = .init()
        let plain = try pipeline.compute.floats(try tiled.decode(latents, with: decoder))
        let without = zip(whole, plain).map { abs($0 - $1) }.reduce(0, +) / Float(whole.count)
        #expect(parts.count == whole.count)
        #expect(seams < 1e-5)
        #expect(seams * 100 < without)
    }
}
