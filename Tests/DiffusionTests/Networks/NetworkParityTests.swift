import Foundation
import Tensors
import Testing

@testable import Diffusion

@Suite("Networks against transformers and diffusers")
struct NetworkParityTests {
    /// Bound on the largest difference, as a share of the largest expected value.
    private static let tolerance: Float = 2e-5

    private func expect(
        _ found: [Float], _ name: String, of expected: ReferenceTensors,
        within tolerance: Float = Self.tolerance
    ) throws {
        let difference = Difference(found, try expected.floats(name))
        #expect(difference.relative < tolerance, "\(name): \(difference)")
    }

    @Test(
        "both text encoders give the reference's states and pooled vector",
        arguments: TinyModels.names)
    func textEncoders(name: String) throws {
        let checkpoint = try Checkpoint(TinyModels.folder(name))
        let expected = try TinyModels.parts(name)
        let compute = try Compute()
        for (suffix, text) in [("l", checkpoint.textEncoder), ("g", checkpoint.textEncoder2)] {
            let text = try #require(text)
            let encoder: CLIPTextEncoder = try text.network.load(compute)
            let ids = try expected.integers("text.\(suffix).ids")
            let last = try encoder.encode([ids], skip: 1, wantsPooled: suffix == "g")
            let penultimate = try encoder.encode([ids], skip: 2, wantsPooled: false)
            try expect(try compute.floats(last.hidden), "text.\(suffix).last", of: expected)
            try expect(
                try compute.floats(penultimate.hidden), "text.\(suffix).penultimate", of: expected)
            if let pooled = last.pooled {
                try expect(try compute.floats(pooled), "text.g.pooled", of: expected)
            }
        }
    }

    @Test(
        "the UNet and each of its blocks give the reference's output on an odd size",
        arguments: TinyModels.names)
    func unet(name: String) throws {
        let checkpoint = try Checkpoint(TinyModels.folder(name))
        let expected = try TinyModels.parts(name)
        let compute = try Compute(ComputeOptions(threads: 2))
        let unet: UNet2DConditionModel = try checkpoint.unet.load(compute)
        var records: [String: [Float]] = [:]
        unet.observe = { name, tensor in records["unet.\(name)"] = try? compute.planes(tensor) }
        let sample = try compute.tensor(
            fromPlanes: try expected.floats("unet.sample"), try expected.shape("unet.sample"))
        let output = try unet(
            sample, timestep: try expected.floats("unet.timestep")[0],
            conditioning: try unet.prepare(try branches(expected, unet, compute)))
        records["unet.output"] = try compute.planes(output)
        let blocks = expected.names.filter {
            $0.hasPrefix("unet.") && ($0.contains(/\.(down|up)\.|middle|conv_in|output/))
        }
        #expect(blocks.count >= 6)
        for block in blocks.sorted() {
            try expect(records[block] ?? [], block, of: expected)
        }
    }

    private func branches(
        _ expected: ReferenceTensors, _ unet: UNet2DConditionModel, _ compute: Compute
    ) throws -> [UNet2DConditionModel.Branch] {
        let shape = try expected.shape("unet.context")
        let context = try compute.tensor(from: try expected.floats("unet.context"), shape)
        let pooled = try expected.floats("unet.pooled")
        let sizes = try expected.floats("unet.time_ids").map { Int($0) }
        return try (0..<shape[0]).map { index in
            let row = Array(sizes[(index * 6)..<(index * 6 + 6)])
            var micro = MicroConditioning(width: row[5], height: row[4])
            (micro.originalHeight, micro.originalWidth) = (row[0], row[1])
            (micro.cropTop, micro.cropLeft) = (row[2], row[3])
            let width = pooled.count / shape[0]
            return UNet2DConditionModel.Branch(
                projections: try unet.project(try context.entries(index..<(index + 1))),
                pooled: Array(pooled[(index * width)..<((index + 1) * width)]), micro: micro)
        }
    }

    @Test("the tiny decoder of previews gives the reference's picture")
    func tinyDecoder() throws {
        let checkpoint = try Checkpoint(TinyModels.folder("conv-projection"))
        let expected = try TinyModels.parts("conv-projection")
        let network = try #require(checkpoint.tinyDecoder)
        let compute = try Compute()
        let decoder: TinyDecoder = try network.load(compute)
        let latents = try compute.tensor(
            fromPlanes: try expected.floats("vae.latents"), try expected.shape("vae.latents"))
        try expect(
            try compute.planes(try decoder.decode(latents)), "taesd.decoded", of: expected)
    }

    @Test("the autoencoder gives the reference's moments and pictures", arguments: TinyModels.names)
    func autoencoder(name: String) throws {
        let checkpoint = try Checkpoint(TinyModels.folder(name))
        let expected = try TinyModels.parts(name)
        let compute = try Compute()
        let decoder: VAEDecoder = try checkpoint.vae.load(compute)
        let latents = try compute.tensor(
            fromPlanes: try expected.floats("vae.latents"), try expected.shape("vae.latents"))
        try expect(
            try compute.planes(try decoder.decode(latents)), "vae.decoded", of: expected)
        let encoder: VAEEncoder = try checkpoint.vae.load(compute)
        let picture = try compute.tensor(
            fromPlanes: try expected.floats("vae.picture"), try expected.shape("vae.picture"))
        let moments = try compute.planes(try encoder.moments(picture))
        let half = moments.count / 2
        try expect(Array(moments[..<half]), "vae.mean", of: expected)
        let deviation = moments[half...].map { exp(0.5 * min(max($0, -30), 20)) }
        try expect(deviation, "vae.deviation", of: expected)
    }
}
