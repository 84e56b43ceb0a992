import Generation

/// Noise from a file in place of the drawn one.
struct InitialNoise {
    private let values: [Float]
    private let pictureSize: Int

    /// Reads tensor `latents` of the safetensors file at `path`, for `count` pictures.
    ///
    /// - Throws: ``WeightsError`` or ``EngineError/unusableNoise(file:reason:)``.
    init(path: String, count: Int, shape: [Int]) throws {
        let file = try SafetensorsFile(path: path)
        guard let entry = file.entries["latents"] else {
            throw EngineError.unusableNoise(file: path, reason: "it has no tensor \"latents\"")
        }
        let expected = [count] + shape
        guard entry.shape == expected else {
            throw EngineError.unusableNoise(
                file: path, reason: "its shape is \(entry.shape), \(expected) is needed")
        }
        values = try CheckpointTensor(file: file, entry: entry).floats()
        pictureSize = shape.reduce(1, *)
        guard values.allSatisfy({ $0.isFinite }) else {
            throw EngineError.unusableNoise(
                file: path, reason: "it has numbers that are not finite")
        }
    }

    /// The noise of picture `index`.
    func picture(_ index: Int) -> [Float] {
        Array(values[(index * pictureSize)..<((index + 1) * pictureSize)])
    }
}
