import Foundation
import Generation
import Testing

@testable import Images

/// Numbers in foreign texts that no request can have.
@Suite struct OutOfRangeMetadataTests {
    private static let texts = [
        "Steps: 99999999999999999999, Sampler: Euler, Seed: 1",
        "Steps: 5000, Sampler: Euler, Seed: 1",
        "Steps: -3, Sampler: Euler, Seed: 1",
        "Steps: 20, CFG scale: 1e999, Seed: 1",
        "Steps: 20, CFG scale: nan, Seed: 1",
        "Steps: 20, Size: 99999999999x1, Seed: 1",
        "Steps: 20, CFG rescale: inf, Seed: 1",
        "Steps: 20, Variation seed strength: -1e999, Seed: 1",
        "Steps: 20, Refiner: x, Refiner switch at: inf, Seed: 1",
        "Steps: 20, Hires upscale: inf, Seed: 1",
        "Steps: 20, Hires upscale: 2, Denoising strength: inf, Seed: 1",
    ]

    @Test(arguments: texts) func areDroppedWithAWarning(text: String) throws {
        let metadata = PictureMetadata.read(
            fromText: "a cat\n\(text), Version: latent 0.1, RNG: CPU")
        let request = try #require(metadata.request)
        #expect(request.seeds == [1])
        #expect(metadata.warnings.contains { $0.contains("out of range") }, "\(metadata.warnings)")
        #expect(throws: Never.self) { try JSONEncoder().encode(request) }
        #expect(request.steps == nil || request.steps == 20)
        #expect(request.width == nil && request.height == nil)
    }
}
