import CZlib
import Foundation
import Generation
import Hashing

@testable import Images

/// The smallest intact picture files, made in memory.
enum SamplePictures {
    /// A grey PNG of 64 x 64 pixels without any text.
    static func png(with extraChunks: [[UInt8]] = []) -> Data {
        let header: [UInt8] = [0, 0, 0, 64, 0, 0, 0, 64, 8, 0, 0, 0, 0]
        let rows = [UInt8](repeating: 0, count: 64 * 65)
        var data = Data(PNGTextChunks.signature)
        data.append(contentsOf: PNGTextChunks.chunk("IHDR", header))
        for chunk in extraChunks { data.append(contentsOf: chunk) }
        data.append(contentsOf: PNGTextChunks.chunk("IDAT", deflated(rows)))
        data.append(contentsOf: PNGTextChunks.chunk("IEND", []))
        return data
    }

    /// A PNG with texts.
    static func png(_ texts: [(String, String)]) throws -> Data {
        try PNGTextChunks.insert(
            texts.map { TextEntry(keyword: $0.0, text: $0.1) }, into: png())
    }

    /// The marker structure of a JPEG of 64 x 48 pixels; the scan is not decodable.
    static func jpeg() -> Data {
        var data = Data([0xFF, 0xD8])
        data.append(contentsOf: [0xFF, 0xE0, 0, 7] + Array("JFIF\0".utf8))
        data.append(contentsOf: [0xFF, 0xC0, 0, 9, 8, 0, 48, 0, 64, 1, 0])
        data.append(contentsOf: [0xFF, 0xDA, 0, 2, 1, 2, 3, 0xFF, 0xD9])
        return data
    }

    static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var size = compressBound(UInt(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(size))
        compress(&output, &size, bytes, UInt(bytes.count))
        return Array(output[..<Int(size)])
    }

    /// A record that uses every field that A1111's text can express.
    static func record() -> PictureRecord {
        var request = GenerationRequest(prompt: "a (red:1.2) fox, ünïcode 🦊")
        request.negativePrompt = "blurry\nlow quality"
        request.steps = 28
        request.sampler = .dpmpp2m
        request.schedule = .karras
        request.guidanceScale = 6.5
        request.width = 64
        request.height = 64
        request.model = "/models/base xl.safetensors"
        request.vae = "/models/fix.safetensors"
        request.loras = [LoRAReference(name: "/loras/ink.safetensors", weight: 0.8)]
        request.variationSeed = 9
        request.variationStrength = 0.25
        var record = PictureRecord(
            request: request, seed: .max, pixelsSHA256: String(repeating: "a", count: 64),
            job: "01JD0000000000000000000000")
        record.modelHashes = [
            "model": String(repeating: "1", count: 64), "vae": String(repeating: "2", count: 64),
            "lora:ink": String(repeating: "3", count: 64),
        ]
        record.engine = EngineIdentity(
            program: "latent 0.1.0", build: "test", cpuFeatures: ["avx512f", "avx2"])
        return record
    }
}
