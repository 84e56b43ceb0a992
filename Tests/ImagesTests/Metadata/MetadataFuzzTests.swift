import Foundation
import Generation
import Testing

@testable import Images

/// Random damage to pictures with metadata. Seconds in the ordinary suite;
/// `LATENT_FUZZ_SECONDS=600 swift test --filter MetadataFuzzTests` for the long version.
@Suite struct MetadataFuzzTests {
    /// A small generator whose runs can be repeated (xorshift64*).
    struct Randomness: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state ^= state >> 12
            state ^= state << 25
            state ^= state >> 27
            return state &* 2_685_821_657_736_338_717
        }
    }

    @Test func damagedPicturesAreReadOrRefusedWithoutACrash() throws {
        let seconds =
            ProcessInfo.processInfo.environment["LATENT_FUZZ_SECONDS"]
            .flatMap { Double($0) } ?? 1
        let record = SamplePictures.record()
        let samples = [
            try PictureMetadata.embed(record, in: SamplePictures.png(), width: 64, height: 64),
            try PictureMetadata.embed(record, in: SamplePictures.jpeg(), width: 64, height: 64),
            try SamplePictures.png([
                ("prompt", #"{"3":{"class_type":"KSampler","inputs":{"seed":1,"steps":2}}}"#),
                ("invokeai_metadata", #"{"positive_prompt":"x","model":{"name":"y"}}"#),
            ]),
            Data("RIFF\u{10}\0\0\0WEBPXMP \u{4}\0\0\0abcd".utf8),
        ]
        var randomness = Randomness(state: UInt64.random(in: 1 ... .max))
        let start = randomness.state
        let deadline = ContinuousClock.now + .seconds(seconds)
        var count = 0
        while ContinuousClock.now < deadline {
            let damaged = Self.damaged(samples[count % samples.count], &randomness)
            if let metadata = try? PictureMetadata.read(from: damaged) {
                let size = metadata.entries.reduce(0) { $0 + $1.text.utf8.count }
                #expect(size <= Inflation.budget(forInput: damaged.count), "seed \(start)")
                for warning in metadata.warnings { #expect(warning == printable(warning)) }
            }
            _ = PictureMetadata.read(fromText: String(decoding: damaged, as: UTF8.self))
            count += 1
        }
        #expect(count > 20)
    }

    private static func damaged(_ data: Data, _ randomness: inout Randomness) -> Data {
        var bytes = [UInt8](data)
        for _ in 0..<Int.random(in: 1...8, using: &randomness) {
            guard !bytes.isEmpty else { break }
            let position = Int.random(in: 0..<bytes.count, using: &randomness)
            switch Int.random(in: 0..<6, using: &randomness) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &randomness)
            case 1: bytes.removeSubrange(position...)
            case 2: bytes.insert(contentsOf: bytes[..<min(64, bytes.count)], at: position)
            case 3: bytes.remove(at: position)
            case 4: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &randomness)
            default:
                for index in position..<min(position + 4, bytes.count) { bytes[index] = 0xFF }
            }
        }
        return Data(bytes)
    }
}
