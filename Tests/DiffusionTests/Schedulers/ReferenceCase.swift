import Diffusion
import Foundation
import Generation

/// The cases that Tests/Reference/schedulers.py wrote.
struct ReferenceCases: Decodable {
    let configs: [SchedulerConfiguration]
    let cases: [ReferenceCase]

    static func load(_ url: URL) throws -> ReferenceCases {
        try JSONDecoder().decode(ReferenceCases.self, from: Data(contentsOf: url))
    }

    static func committed() throws -> ReferenceCases {
        try load(Fixture.url("schedulers.json"))
    }
}

/// One run of a diffusers scheduler on an analytic stand-in for a UNet.
struct ReferenceCase: Decodable {
    let name: String
    let config: Int
    let sampler: Sampler?
    let steps: Int
    let schedule: Schedule
    let seed: UInt64
    let strength: Double?
    let timesteps: Floats?
    let sigmas: Floats?
    let initial: Float?
    let final: Floats?
    let trace: [Floats]?
    let error: String?

    var label: String {
        "\(name): \(sampler?.rawValue ?? "checkpoint's") \(schedule.rawValue) \(steps) steps"
            + (strength.map { " strength \($0)" } ?? "")
    }

    var request: SchedulerRequest {
        SchedulerRequest(sampler: sampler, schedule: schedule, steps: steps, seed: seed)
    }
}

/// float32 values in base64, as the reference scripts write them.
struct Floats: Decodable {
    let values: [Float]

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let bytes = Array(Data(base64Encoded: text) ?? Data())
        values = stride(from: 0, to: bytes.count, by: 4).map { start in
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
            return Float(bitPattern: bits)
        }
    }
}

/// Files beside the tests.
enum Fixture {
    static func url(_ name: String) -> URL {
        Bundle.module.bundleURL.appendingPathComponent("Fixtures/\(name)")
    }
}
