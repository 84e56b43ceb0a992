import Foundation
import Tensors

@testable import Diffusion

/// One model with random weights, written as a diffusers folder and as a single file with the
/// original names that Tests/Reference/single_file.py made and diffusers translated back.
struct SingleFileModel {
    let root: URL
    var folder: URL { root.appendingPathComponent("folder") }
    var file: URL { root.appendingPathComponent("model.safetensors") }

    private let fixtures: URL

    /// The layouts of Tests/Reference/single_file.py.
    static let layouts = ["base", "inpainting", "refiner", "ssd-1b", "vega", "sd1", "sd2"]

    /// The networks of the layout.
    private var components: [String] {
        ["unet", "vae", "text_encoder", "text_encoder_2"].filter {
            FileManager.default.fileExists(
                atPath: fixtures.appendingPathComponent("\($0).json").path)
        }
    }

    /// A row of the table: which diffusers tensor lies where in the single file.
    private struct Place {
        let component: String
        let name: String
        let original: String
        /// Which third of a joint matrix of queries, keys and values.
        let third: Int?
        let isTransposed: Bool
    }

    /// Writes both forms below a new temporary folder.
    init(layout: String = "base") throws {
        fixtures = TinyModels.fixtures.appendingPathComponent("single-file/\(layout)")
        root = FileManager.default.temporaryDirectory
            .appendingPathComponent("single-\(UUID().uuidString)")
        let places = try places()
        var single: [String: SafetensorsWriter.Tensor] = [:]
        var thirds: [String: [Data]] = [:]
        for component in components {
            let tensors = try randomTensors(component)
            try write(tensors, component)
            for place in places where place.component == component {
                guard let tensor = tensors[place.name] else {
                    throw WeightsError.badTensor(
                        file: "", tensor: place.name, reason: "is not asked for")
                }
                if let third = place.third {
                    thirds[place.original, default: [Data(), Data(), Data()]][third] = tensor.bytes
                    let shape = [tensor.shape[0] * 3] + tensor.shape.dropFirst()
                    single[place.original] = .init(
                        name: place.original, type: .f16, shape: shape, bytes: Data())
                } else {
                    single[place.original] = Self.placed(tensor, place)
                }
            }
        }
        for (name, parts) in thirds {
            single[name] = .init(
                name: name, type: .f16, shape: single[name]?.shape ?? [],
                bytes: parts.reduce(Data(), +))
        }
        if layout == "sd2" { Self.addUnusedLayer(to: &single) }
        try SafetensorsWriter.write(single.keys.sorted().compactMap { single[$0] }, to: file.path)
        let kind = layout.hasPrefix("sd") ? "StableDiffusionPipeline" : "StableDiffusionXLPipeline"
        let emptyPrompt = layout == "refiner" ? #", "force_zeros_for_empty_prompt": false"# : ""
        try Data("{\"_class_name\": \"\(kind)\"\(emptyPrompt)}".utf8)
            .write(to: folder.appendingPathComponent("model_index.json"))
        try writeScheduler(layout)
    }

    /// Stable Diffusion 2's files hold a last layer that nothing reads, and a projection.
    private static func addUnusedLayer(to single: inout [String: SafetensorsWriter.Tensor]) {
        let prefix = "cond_stage_model.model."
        for (name, tensor) in single where name.hasPrefix(prefix + "transformer.resblocks.1.") {
            let other = name.replacing("resblocks.1.", with: "resblocks.2.")
            single[other] = .init(
                name: other, type: tensor.type, shape: tensor.shape, bytes: tensor.bytes)
        }
        let projection = prefix + "text_projection"
        single[projection] = random(projection, [128, 128], seed: 99)
    }

    /// What the published folders of Stable Diffusion say and files mean without saying it.
    private func writeScheduler(_ layout: String) throws {
        guard layout.hasPrefix("sd") else { return }
        let target = folder.appendingPathComponent("scheduler")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        let prediction = layout == "sd2" ? "v_prediction" : "epsilon"
        let json = """
            {"_class_name": "PNDMScheduler", "beta_start": 0.00085, "beta_end": 0.012,
             "beta_schedule": "scaled_linear", "skip_prk_steps": true, "set_alpha_to_one": false,
             "steps_offset": 1, "prediction_type": "\(prediction)", "clip_sample": false}
            """
        try Data(json.utf8).write(to: target.appendingPathComponent("scheduler_config.json"))
    }

    func remove() {
        try? FileManager.default.removeItem(at: root)
    }

    private func places() throws -> [Place] {
        let data = try Data(contentsOf: fixtures.appendingPathComponent("names.json"))
        let rows = try JSONSerialization.jsonObject(with: data) as? [[Any]] ?? []
        return rows.compactMap { row in
            guard row.count == 5, let component = row[0] as? String, let name = row[1] as? String,
                let original = row[2] as? String
            else { return nil }
            let canonical =
                name.hasPrefix("text_model.") ? String(name.dropFirst("text_model.".count)) : name
            return Place(
                component: component, name: canonical, original: original, third: row[3] as? Int,
                isTransposed: row[4] as? Bool ?? false)
        }
    }

    /// f16 weights of every shape that the network asks for.
    private func randomTensors(
        _ component: String
    ) throws -> [String: SafetensorsWriter.Tensor] {
        let compute = try Compute()
        let file = try ConfigurationFile(fixtures.appendingPathComponent("\(component).json"))
        let reader = WeightsReader(.count, compute: compute)
        switch component {
        case "unet":
            _ = try UNet2DConditionModel(
                UNetConfiguration(file), reader.scope(), compute: compute)
        case "vae":
            _ = try VAEDecoder(VAEConfiguration(file), reader.scope(), compute: compute)
            _ = try VAEEncoder(VAEConfiguration(file), reader.scope(), compute: compute)
        default:
            let configuration = try CLIPTextConfiguration(
                file, hasProjection: component == "text_encoder_2")
            _ = try CLIPTextEncoder(configuration, reader.scope(), compute: compute)
        }
        var tensors: [String: SafetensorsWriter.Tensor] = [:]
        for (index, weight) in reader.requested.enumerated() {
            tensors[weight.name] = Self.random(weight.name, weight.shape, seed: UInt64(index))
        }
        return tensors
    }

    /// Small numbers that differ from tensor to tensor; large tables repeat.
    private static func random(
        _ name: String, _ shape: [Int], seed: UInt64
    ) -> SafetensorsWriter.Tensor {
        var noise = PhiloxNoise(seed: seed)
        let count = shape.reduce(1, *)
        let period = min(count, 4099)
        let isNorm = name.contains("norm") && name.hasSuffix("weight")
        let scale = shape.count > 1 ? 1 / Float(shape.dropFirst().reduce(1, *)).squareRoot() : 0.1
        let halves = noise.normal(count: period).map {
            Float16($0 * scale + (isNorm ? 1 : 0)).bitPattern
        }
        let block = halves.withUnsafeBytes { Data($0) }
        var bytes = Data(capacity: count * 2 + block.count)
        while bytes.count < count * 2 { bytes.append(block) }
        return .init(
            name: name, type: .f16, shape: shape, bytes: Data(bytes.prefix(count * 2)))
    }

    private static func placed(
        _ tensor: SafetensorsWriter.Tensor, _ place: Place
    ) -> SafetensorsWriter.Tensor {
        var (shape, bytes) = (tensor.shape, tensor.bytes)
        if place.isTransposed {
            let halves = [UInt16](unsafeUninitializedCapacity: bytes.count / 2) { buffer, count in
                count = bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer)) / 2
            }
            var transposed = halves
            for row in 0..<shape[0] {
                for column in 0..<shape[1] {
                    transposed[column * shape[0] + row] = halves[row * shape[1] + column]
                }
            }
            bytes = transposed.withUnsafeBytes { Data($0) }
            shape = shape.reversed()
        }
        if place.original.contains(".attn_1."), shape.count == 2 { shape += [1, 1] }
        return .init(name: place.original, type: .f16, shape: shape, bytes: bytes)
    }

    private func write(
        _ tensors: [String: SafetensorsWriter.Tensor], _ component: String
    ) throws {
        let target = folder.appendingPathComponent(component)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: fixtures.appendingPathComponent("\(component).json"),
            to: target.appendingPathComponent("config.json"))
        try SafetensorsWriter.write(
            tensors.keys.sorted().compactMap { tensors[$0] },
            to: target.appendingPathComponent("model.safetensors").path)
    }
}
