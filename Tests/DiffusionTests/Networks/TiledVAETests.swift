import Foundation
import Tensors
import Testing

@testable import Diffusion

@Suite("Autoencoding in tiles")
struct TiledVAETests {
    @Test(
        "tiles cover everything, share the overlap and are equally large",
        arguments: [
            (97, 96, 24), (128, 96, 24), (400, 96, 24), (30, 16, 4), (96, 96, 24), (5, 9, 2),
        ]
    )
    func spans(size: Int, tile: Int, overlap: Int) {
        let spans = TiledVAE.spans(size, tile: tile, overlap: overlap)
        #expect(spans.first?.lowerBound == 0)
        #expect(spans.last?.upperBound == size)
        #expect(Set(spans.map(\.count)) == [min(tile, size)])
        for (left, right) in zip(spans, spans.dropFirst()) {
            #expect(left.upperBound - right.lowerBound >= overlap)
        }
    }

    @Test("tiles of a picture put together give the picture")
    func blending() {
        let size = TileBlend.Size(height: 30, width: 41, channels: 3)
        let picture = (0..<(30 * 41 * 3)).map { Float($0 % 97) / 97 }
        var blend = TileBlend(size)
        for rows in TiledVAE.spans(30, tile: 12, overlap: 4) {
            for columns in TiledVAE.spans(41, tile: 12, overlap: 4) {
                let tile = rows.flatMap { row in
                    columns.flatMap { column in
                        let start = (row * 41 + column) * 3
                        return picture[start..<(start + 3)]
                    }
                }
                blend.add(tile, rows: rows, columns: columns, overlap: 4)
            }
        }
        #expect(Difference(blend.values(), picture).maximum < 1e-5)
    }

    @Test(
        "tiled and whole pictures and moments agree",
        arguments: [(1, 40), (5000, 40), (5000, 53)])
    func agreement(untiledLimit: Int, tile: Int) throws {
        let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
        let compute = try Compute(ComputeOptions(threads: 2))
        let (height, width) = (62, 84)
        var source = PhiloxNoise(seed: 4)
        // Brighter on one side, so that tiles would have statistics of their own.
        let values = source.normal(count: 4 * height * width).enumerated().map { index, value in
            value + Float(index % width) / 20
        }
        let latents = try compute.tensor(fromPlanes: values, [1, 4, height, width])
        let decoder: VAEDecoder = try checkpoint.vae.load(compute)
        let encoder: VAEEncoder = try checkpoint.vae.load(compute)
        var tiled = TiledVAE(checkpoint.vae.configuration, compute: compute)
        let whole = try tiled.decode(latents, with: decoder)
        let wholeMoments = try tiled.moments(whole, with: encoder)
        (tiled.tile, tiled.untiledLimit) = (tile, untiledLimit)
        let parts = try tiled.decode(latents, with: decoder)
        #expect(parts.shape == whole.shape)
        #expect(try Difference(compute.floats(parts), compute.floats(whole)).maximum < 1e-4)
        let moments = try tiled.moments(whole, with: encoder)
        #expect(moments.shape == wholeMoments.shape)
        #expect(
            try Difference(compute.floats(moments), compute.floats(wholeMoments)).maximum < 1e-4)
    }

    @Test("levels that fit go through in one piece, the finest of a large picture in tiles")
    func parts() throws {
        var configuration = try Checkpoint(TinyModels.folder("three-levels")).vae.configuration
        configuration.channels = [128, 256, 512, 512]
        func sides(_ side: Int) -> [Int] {
            (0..<4).map { level in
                TiledVAE.covers(configuration, level: level, height: side, width: side).height
            }
        }
        #expect(sides(160) == [160, 160, 160, 160])
        #expect(sides(200) == [200, 200, 200, 96])
        #expect(sides(300) == [300, 300, 96, 96])
        #expect(sides(2000) == [2000, 96, 96, 96])
    }
}
