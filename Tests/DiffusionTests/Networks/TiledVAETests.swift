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

    /// A random autoencoder's group normalisation sees other statistics in each tile, which a
    /// trained one hardly does: the bound here only shows that nothing is misplaced.
    @Test("tiled and whole pictures and moments agree but for the tiles' statistics")
    func agreement() throws {
        let checkpoint = try Checkpoint(TinyModels.folder("three-levels"))
        let compute = try Compute(ComputeOptions(threads: 2))
        var source = PhiloxNoise(seed: 4)
        let latents = try compute.tensor(
            fromPlanes: source.normal(count: 4 * 24 * 28), [1, 4, 24, 28])
        let decoder: VAEDecoder = try checkpoint.vae.load(compute)
        let encoder: VAEEncoder = try checkpoint.vae.load(compute)
        var tiled = TiledVAE(checkpoint.vae.configuration, compute: compute)
        let whole = try tiled.decode(latents, with: decoder)
        let wholeMoments = try tiled.moments(whole, with: encoder)
        (tiled.tile, tiled.overlap, tiled.untiledLimit) = (16, 8, 1)
        let parts = try tiled.decode(latents, with: decoder)
        #expect(parts.shape == whole.shape)
        #expect(try correlation(compute.floats(parts), compute.floats(whole)) > 0.95)
        let moments = try tiled.moments(whole, with: encoder)
        #expect(moments.shape == wholeMoments.shape)
        #expect(try correlation(compute.floats(moments), compute.floats(wholeMoments)) > 0.95)
    }

    private func correlation(_ left: [Float], _ right: [Float]) -> Double {
        func mean(_ values: [Float]) -> Double {
            values.reduce(0) { $0 + Double($1) } / Double(values.count)
        }
        let (leftMean, rightMean) = (mean(left), mean(right))
        var (product, leftSquare, rightSquare) = (0.0, 0.0, 0.0)
        for (x, y) in zip(left, right) {
            let (dx, dy) = (Double(x) - leftMean, Double(y) - rightMean)
            product += dx * dy
            leftSquare += dx * dx
            rightSquare += dy * dy
        }
        return product / (leftSquare * rightSquare).squareRoot()
    }
}
