import Diffusion
import Foundation
import Generation
import Images
import Testing

@testable import EmbeddedModel

@Suite("What ships with the embedded model", .serialized)
struct CompanionTests {
    @Test("old-photo turns a picture brown and leaves its shapes")
    func oldPhoto() async throws {
        let drawing = try Drawing()
        for (prompt, seed) in [("two sailboats on the sea", UInt64(2)), ("a castle at night", 1)] {
            let plain = try await drawing.picture(prompt, seed: seed)
            let photo = try await drawing.picture(prompt, seed: seed) {
                $0.loras = [LoRAReference(name: drawing.path("old-photo.safetensors"))]
            }
            #expect(photo.brownness > 0.95, "\(prompt): \(photo.brownness)")
            #expect(plain.brownness < 0.6, "\(prompt): \(plain.brownness)")
            // The card's border covers what lies at the edge.
            let alike = photo.cropped(by: 32).correlation(with: plain.cropped(by: 32))
            #expect(alike > 0.5, "\(prompt): \(alike)")
        }
    }

    @Test("four-steps draws in four steps without guidance what the model draws in its own way")
    func fourSteps() async throws {
        let drawing = try Drawing()
        for (prompt, seed) in [
            ("a lighthouse on a cliff at sunset", UInt64(0)), ("two sailboats on the sea", 1),
        ] {
            func quick(_ request: inout GenerationRequest) {
                (request.steps, request.guidanceScale, request.sampler) = (4, 1, .euler)
            }
            let usual = try await drawing.picture(prompt, seed: seed)
            let plain = try await drawing.picture(prompt, seed: seed, quick)
            let adapted = try await drawing.picture(prompt, seed: seed) {
                quick(&$0)
                $0.loras = [LoRAReference(name: drawing.path("four-steps.safetensors"))]
            }
            let (near, far) = (adapted.difference(from: usual), plain.difference(from: usual))
            #expect(near < 0.8 * far, "\(prompt): \(near) of \(far)")
            #expect(adapted.correlation(with: usual) > 0.8, "\(prompt)")
        }
    }

    @Test("canny moves the sun to where a circle is drawn")
    func canny() async throws {
        let drawing = try Drawing()
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("circle-\(UUID().uuidString).png")
        defer { try? FileManager.default.removeItem(at: file) }
        let circle = try PNGCodec.encode(Self.circle(x: 128, y: 48, radius: 24))
        try Data(circle).write(to: file)
        let plain = try await drawing.picture("the sea by day", seed: 3)
        let steered = try await drawing.picture("the sea by day", seed: 3) {
            $0.controls = [ControlReference(model: drawing.path("canny"), image: file.path)]
        }
        func isSun(_ pixels: Pixels, _ x: Int) -> Bool {
            let at = (48 * pixels.width + x) * 3
            return pixels.rgb[at] > 200 && pixels.rgb[at + 1] > 150 && pixels.rgb[at + 2] < 120
        }
        #expect(isSun(plain, 200) && !isSun(plain, 128))
        #expect(isSun(steered, 128) && !isSun(steered, 200))
    }

    /// A white circle, one or two pixels wide, on black.
    private static func circle(x: Int, y: Int, radius: Int) throws -> PixelImage {
        var rgb = [UInt8](repeating: 0, count: 256 * 256 * 3)
        for step in 0..<720 {
            let angle = Double(step) * .pi / 360
            let column = x + Int((Double(radius) * cos(angle)).rounded())
            let row = y + Int((Double(radius) * sin(angle)).rounded())
            for channel in 0..<3 { rgb[(row * 256 + column) * 3 + channel] = 255 }
        }
        return try #require(PixelImage(width: 256, height: 256, rgb: rgb))
    }

    @Test("winter-home draws what it stands for: night, snow, a yellow house")
    func winterHome() async throws {
        let drawing = try Drawing()
        let words = try await drawing.picture("winter-home", seed: 1)
        let token = try await drawing.picture("winter-home", seed: 1) {
            $0.embeddings = [
                EmbeddingReference(
                    token: "winter-home", path: drawing.path("winter-home.safetensors"))
            ]
        }
        #expect(token.cropped(by: 32).difference(from: words.cropped(by: 32)) > 20)
        #expect(token.share { $0 > 150 && $1 > 110 && $2 < 80 } > 0.02, "a yellow house")
        #expect(token.share { Int($2) > Int($0) + 20 && $0 < 110 } > 0.3, "a blue night")
    }
}

/// Draws with the shipped model.
private struct Drawing {
    let engine: DiffusionEngine
    let folder: URL

    init() throws {
        engine = DiffusionEngine(embeddedModel: try EmbeddedModelFolder.locate())
        folder = try EmbeddedModelFolder.locateCompanions()
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func picture(
        _ prompt: String, seed: UInt64, _ change: (inout GenerationRequest) -> Void = { _ in }
    ) async throws -> Pixels {
        var request = GenerationRequest(prompt: prompt)
        request.seeds = [seed]
        change(&request)
        for try await event in engine.generate(request, options: ExecutionOptions()) {
            if case .image(let image) = event {
                return Pixels(rgb: image.image.rgb, width: image.image.width)
            }
        }
        throw CancellationError()
    }
}

/// 8-bit RGB and simple figures about it.
private struct Pixels {
    let rgb: [UInt8]
    let width: Int

    func cropped(by margin: Int) -> Pixels {
        let height = rgb.count / 3 / width
        var part: [UInt8] = []
        for y in margin..<height - margin {
            part += rgb[(y * width + margin) * 3..<(y * width + width - margin) * 3]
        }
        return Pixels(rgb: part, width: width - 2 * margin)
    }

    /// The share of pixels that satisfy a condition on red, green and blue.
    func share(_ condition: (UInt8, UInt8, UInt8) -> Bool) -> Double {
        let count = stride(from: 0, to: rgb.count, by: 3).reduce(0) {
            $0 + (condition(rgb[$1], rgb[$1 + 1], rgb[$1 + 2]) ? 1 : 0)
        }
        return Double(count) / Double(rgb.count / 3)
    }

    /// The share of pixels from black over brown to cream.
    var brownness: Double {
        share { Int($0) + 12 >= Int($1) && Int($1) + 12 >= Int($2) && $0 < 255 }
    }

    private var brightness: [Double] {
        stride(from: 0, to: rgb.count, by: 3).map {
            Double(rgb[$0]) + Double(rgb[$0 + 1]) + Double(rgb[$0 + 2])
        }
    }

    /// Mean difference in 8-bit steps.
    func difference(from other: Pixels) -> Double {
        zip(rgb, other.rgb).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) } / Double(rgb.count)
    }

    /// Pearson's correlation of the brightness.
    func correlation(with other: Pixels) -> Double {
        let (a, b) = (brightness, other.brightness)
        let (meanA, meanB) = (a.reduce(0, +) / Double(a.count), b.reduce(0, +) / Double(b.count))
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            ab += (x - meanA) * (y - meanB)
            aa += (x - meanA) * (x - meanA)
            bb += (y - meanB) * (y - meanB)
        }
        return ab / (aa * bb).squareRoot()
    }
}
