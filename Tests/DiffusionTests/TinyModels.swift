import Foundation
import Generation
import Tensors

@testable import Diffusion

/// The tiny random models and what diffusers makes of them; see Tests/Reference/tiny_models.py and
/// pipelines.py.
enum TinyModels {
    static let names = ["three-levels", "conv-projection", "distilled"]

    static func folder(_ name: String) -> URL {
        fixtures.appendingPathComponent("models/\(name)")
    }

    /// Inputs and outputs of the networks of a model.
    static func parts(_ name: String) throws -> ReferenceTensors {
        try ReferenceTensors(fixtures.appendingPathComponent("expected/\(name).safetensors"))
    }

    /// Whole requests with their final latents and pixels.
    static func pictures(
        _ name: String
    ) throws -> (requests: [GenerationRequest], tensors: ReferenceTensors) {
        let data = try Data(
            contentsOf: fixtures.appendingPathComponent("expected/\(name).requests.json"))
        let requests = try JSONDecoder().decode([GenerationRequest].self, from: data).map {
            var request = $0
            request.initImage = request.initImage.map {
                fixtures.appendingPathComponent("expected/\($0)").path
            }
            return request
        }
        let tensors = try ReferenceTensors(
            fixtures.appendingPathComponent("expected/\(name).pictures.safetensors"))
        return (requests, tensors)
    }

    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")
}

/// Tensors of a fixture file.
struct ReferenceTensors {
    let file: SafetensorsFile

    init(_ url: URL) throws {
        file = try SafetensorsFile(path: url.path)
    }

    /// Names in the file.
    var names: Set<String> { Set(file.entries.keys) }

    func shape(_ name: String) throws -> [Int] { try entry(name).shape }

    /// A float tensor, row-major.
    func floats(_ name: String) throws -> [Float] {
        try CheckpointTensor(file: file, entry: entry(name)).floats()
    }

    /// An 8-bit tensor.
    func bytes(_ name: String) throws -> [UInt8] {
        Array(file.bytes(of: try entry(name)))
    }

    /// A tensor of 32-bit integers.
    func integers(_ name: String) throws -> [Int] {
        let bytes = file.bytes(of: try entry(name))
        return stride(from: 0, to: bytes.count, by: 4).map {
            Int(bytes.loadUnaligned(fromByteOffset: $0, as: Int32.self))
        }
    }

    private func entry(_ name: String) throws -> SafetensorsFile.Entry {
        guard let entry = file.entries[name] else {
            throw WeightsError.badTensor(file: file.path, tensor: name, reason: "is missing")
        }
        return entry
    }
}

/// How far two runs of numbers are apart.
struct Difference: CustomStringConvertible {
    /// Largest difference as a share of the largest expected value.
    let relative: Float
    /// Largest difference.
    let maximum: Float
    /// Peak signal to noise for 8-bit values, in dB.
    let decibels: Double

    init(_ found: [Float], _ expected: [Float]) {
        guard found.count == expected.count, !expected.isEmpty else {
            (relative, maximum, decibels) = (.infinity, .infinity, 0)
            return
        }
        var (largest, maximum, squares): (Float, Float, Double) = (0, 0, 0)
        for (left, right) in zip(found, expected) {
            let distance = abs(left - right)
            maximum = distance.isFinite ? max(maximum, distance) : .infinity
            largest = max(largest, abs(right))
            squares += Double(distance) * Double(distance)
        }
        self.maximum = maximum
        relative = maximum / max(largest, .leastNormalMagnitude)
        let mean = squares / Double(found.count)
        decibels = mean == 0 ? .infinity : 10 * log10(255 * 255 / mean)
    }

    init(_ found: [UInt8], _ expected: [UInt8]) {
        self.init(found.map { Float($0) }, expected.map { Float($0) })
    }

    var description: String { "relative \(relative), maximum \(maximum), \(decibels) dB" }
}
