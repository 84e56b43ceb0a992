import Generation
import Tensors

/// Compares a picture with concepts that it shall not show (Rando et al. 2022,
/// https://arxiv.org/abs/2210.04610).
///
/// Ports diffusers 0.42 `pipelines/stable_diffusion/safety_checker.py`.
final class SafetyChecker: LoadableNetwork {
    /// What the checker found.
    struct Verdict: Hashable {
        /// How far each concept lies above its threshold; below it the number is negative.
        let scores: [Float]

        /// The worst concept's score.
        var score: Float { scores.max() ?? 0 }
        /// Whether any concept lies above its threshold.
        var isFlagged: Bool { score > 0 }
    }

    let configuration: SafetyCheckerConfiguration
    private let compute: Compute
    private let encoder: CLIPVisionEncoder
    private let concepts: Concepts
    private let specialConcepts: Concepts

    /// What a special concept above its threshold adds to all others.
    private static let adjustment: Float = 0.01

    init(
        _ configuration: SafetyCheckerConfiguration, _ weights: WeightsScope, compute: Compute
    ) throws {
        self.configuration = configuration
        self.compute = compute
        encoder = try CLIPVisionEncoder(configuration.vision, weights, compute: compute)
        let width = configuration.vision.projectionSize
        concepts = try Concepts(
            weights, "concept_embeds", configuration.concepts, width)
        specialConcepts = try Concepts(
            weights, "special_care_embeds", configuration.specialConcepts, width)
    }

    static func isOptional(_ name: String) -> Bool { CLIPVisionEncoder.isOptional(name) }

    /// Looks at a finished picture.
    func callAsFunction(_ picture: PixelImage) throws -> Verdict {
        let colors = picture.clipColors(side: configuration.vision.imageSize)
        let vector = try compute.floats(try encoder.vector(colors))
        let special = try specialConcepts.scores(of: vector, added: 0, compute)
        let added = special.contains { $0 > 0 } ? Self.adjustment : 0
        let scores = try concepts.scores(of: vector, added: added, compute)
        guard (special + scores).allSatisfy(\.isFinite) else { throw EngineError.noVerdict }
        return Verdict(scores: scores)
    }
}

/// Vectors of concepts with the cosine from which each counts.
private struct Concepts {
    private let vectors: EmbeddingWeights
    private let thresholds: EmbeddingWeights
    private let count: Int

    init(_ weights: WeightsScope, _ name: String, _ count: Int, _ width: Int) throws {
        self.count = count
        vectors = try weights.table(name, [count, width])
        thresholds = try weights.table(name + "_weights", [count])
    }

    /// Cosines above the thresholds, to three digits as the reference rounds them.
    func scores(of picture: [Float], added: Float, _ compute: Compute) throws -> [Float] {
        let limits = try compute.floats(try compute.embeddingLookup([0], thresholds))
        let rows = try compute.floats(try compute.embeddingLookup(Array(0..<count), vectors))
        let unit = Self.normalised(picture[...])
        return (0..<count).map { index in
            let row = Self.normalised(rows[(index * unit.count)..<((index + 1) * unit.count)])
            let cosine = zip(unit, row).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            let score = cosine - limits[index] + added
            return (score * 1000).rounded(.toNearestOrEven) / 1000
        }
    }

    private static func normalised(_ vector: ArraySlice<Float>) -> [Float] {
        let length = max(vector.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot(), 1e-12)
        return vector.map { $0 / length }
    }
}
