import Foundation

/// The draws that Tests/Reference/noise.py wrote.
struct NoiseFixture: Decodable {
    struct TorchDraws: Decodable {
        let seed: UInt64
        let counts: [Int]
        let hashes: [UInt64]
        let ends: [Floats]
    }

    struct PhiloxDraws: Decodable {
        let seed: UInt64
        let counts: [Int]
        let draws: [Floats]
    }

    struct Brownian: Decodable {
        let seed: UInt64
        let start: Double
        let end: Double
        let count: Int
        let queries: [[Double]]
        let increments: [Floats]
    }

    struct Sequence: Decodable {
        let entropy: UInt64
        let spawnKey: [UInt64]
        let state: [UInt32]
    }

    struct Variation: Decodable {
        let amount: Double
        let seed: UInt64
        let other: UInt64
        let near: Bool
        let result: Floats
    }

    struct Guided: Decodable {
        let scale: Double
        let rescale: Double
        let result: Floats
    }

    let torch: [TorchDraws]
    let philox: [PhiloxDraws]
    let brownian: [Brownian]
    let seedSequence: [Sequence]
    let variation: [Variation]
    let guidance: [Guided]

    static func load() throws -> NoiseFixture {
        try JSONDecoder().decode(
            NoiseFixture.self, from: Data(contentsOf: Fixture.url("noise.json")))
    }
}
