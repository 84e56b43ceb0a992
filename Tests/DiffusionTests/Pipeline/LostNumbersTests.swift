import Foundation
import Generation
import Testing

@testable import Diffusion

@Suite("What becomes of numbers that are none, and of where numbers go", .serialized)
struct LostNumbersTests {
    /// A copy of a tiny model whose UNet, or VAE, ends with `bias` in one channel.
    private static func damagedModel(
        bias: Float, in network: String = "unet", tensor: String = "conv_out.bias"
    ) throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("damaged-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: TinyModels.folder("three-levels"), to: folder)
        let unet = folder.appendingPathComponent(network)
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: unet.path)
                .first { $0.hasSuffix(".safetensors") })
        let url = unet.appendingPathComponent(name)
        let entry = try #require(try SafetensorsFile(path: url.path).entries[tensor])
        var data = try Data(contentsOf: url)
        let start = entry.byteRange.lowerBound
        let bytes: [UInt8] =
            entry.type == .f32
            ? withUnsafeBytes(of: bias.bitPattern) { Array($0) }
            : withUnsafeBytes(of: Float16(bias).bitPattern) { Array($0) }
        data.replaceSubrange(start..<(start + bytes.count), with: bytes)
        try data.write(to: url)
        return folder
    }

    @Test(
        "weights that are not finite end the run with a sentence that names the first of them",
        arguments: [Float.nan, .infinity])
    func damagedWeights(bias: Float) async throws {
        let folder = try Self.damagedModel(bias: bias)
        defer { try? FileManager.default.removeItem(at: folder) }
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps, request.seeds) = (64, 64, 2, [7])
        let engine = DiffusionEngine(embeddedModel: folder)
        let message = await Self.failure(engine, request)
        #expect(message.contains("/unet/"))
        #expect(
            message.contains("tensor conv_out.bias has values that are infinite or not numbers"))
    }

    @Test("a VAE that gives no colours ends the run with a sentence, not with a black picture")
    func damagedDecoder() async throws {
        let folder = try Self.damagedModel(
            bias: .nan, in: "vae", tensor: "decoder.conv_out.bias")
        defer { try? FileManager.default.removeItem(at: folder) }
        var request = GenerationRequest(prompt: "a lake")
        (request.width, request.height, request.steps, request.seeds) = (64, 64, 1, [7])
        let engine = DiffusionEngine(embeddedModel: folder)
        let message = await Self.failure(engine, request)
        #expect(message.contains("/vae/"))
        #expect(message.contains("tensor decoder.conv_out.bias has values"))
    }

    /// What a run that fails says.
    private static func failure(
        _ engine: DiffusionEngine, _ request: GenerationRequest
    ) async -> String {
        do {
            for try await _ in engine.generate(request, options: ExecutionOptions(threads: 1)) {}
            return "a picture"
        } catch {
            return "\(error)"
        }
    }

    @Test("latents go through a link to its target, which stays what it is")
    func latentsThroughALink() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("link-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (target, link) = (folder.appendingPathComponent("target"), folder.path + "/link")
        try Data().write(to: target)
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: target.path)
        try SafetensorsWriter.write([.init(name: "latents", shape: [1], values: [1])], to: link)
        #expect(try SafetensorsFile(path: target.path).entries["latents"] != nil)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target.path)
    }

    @Test("an empty second text means the first one")
    func emptySecondText() {
        var request = GenerationRequest(prompt: "a lake")
        request.negativePrompt = "rain"
        let plain = (request.positiveText(.sdxl), request.negativeText(.sdxl))
        (request.prompt2, request.negativePrompt2) = ("", "")
        #expect(request.positiveText(.sdxl) == plain.0)
        #expect(request.negativeText(.sdxl) == plain.1)
        request.negativePrompt = nil
        #expect(request.negativeText(.sdxl) == nil)
    }
}
