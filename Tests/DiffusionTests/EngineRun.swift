import Foundation
import Generation

@testable import Diffusion

/// A finished run of the engine with everything it reported.
struct EngineRun {
    let events: [GenerationEvent]
    let images: [GeneratedImage]
    /// `[n, channels, h, w]`.
    let latents: [Float]

    /// All pictures' pixels, one after another.
    var pixels: [UInt8] { images.flatMap(\.image.rgb) }

    init(
        _ engine: DiffusionEngine, _ request: GenerationRequest,
        options: ExecutionOptions = ExecutionOptions(threads: 1)
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = options
        let path = folder.appendingPathComponent("latents.safetensors").path
        options.latentsOutputPath = path
        var events: [GenerationEvent] = []
        for try await event in engine.generate(request, options: options) { events.append(event) }
        self.events = events
        images = events.compactMap { if case .image(let image) = $0 { image } else { nil } }
        latents = try ReferenceTensors(URL(fileURLWithPath: path)).floats("latents")
    }
}
