import Foundation
import Generation
import Testing

@testable import Images

@Suite struct OwnMetadataTests {
    @Test func aPNGReadsBackAsItWasWritten() throws {
        let record = SamplePictures.record()
        let data = try PictureMetadata.embed(
            record, in: SamplePictures.png(), width: 64, height: 64)
        let metadata = try PictureMetadata.read(from: data)
        #expect(metadata.tool == .latent)
        #expect(metadata.record == record)
        #expect(metadata.request == record.request)
        #expect(metadata.warnings.isEmpty)
    }

    @Test func aJPEGReadsBackAsItWasWritten() throws {
        var record = SamplePictures.record()
        record.request.prompt = String(repeating: "a very long prompt 日本 ", count: 3000)
        let once = try PictureMetadata.embed(
            record, in: SamplePictures.jpeg(), width: 64, height: 48)
        let twice = try PictureMetadata.embed(record, in: once, width: 64, height: 48)
        #expect(once == twice)
        let metadata = try PictureMetadata.read(from: once)
        #expect(metadata.record == record)
        #expect((metadata.width, metadata.height) == (64, 48))
        #expect(try JPEGTexts.removingAll(from: once) == SamplePictures.jpeg())
    }

    @Test func aJPEGCarriesTheTextForOtherTools() throws {
        let record = SamplePictures.record()
        let data = try PictureMetadata.embed(
            record, in: SamplePictures.jpeg(), width: 64, height: 64)
        let entries = try PictureMetadata.read(from: data).entries
        let expected = A1111Parameters.text(for: record, width: 64, height: 64)
        #expect(entries.first { $0.keyword == "UserComment" }?.text == expected)
    }

    @Test func theTextForOtherToolsHasTheirOrderAndQuoting() {
        let text = A1111Parameters.text(for: SamplePictures.record(), width: 64, height: 64)
        #expect(
            text == """
                a (red:1.2) fox, ünïcode 🦊 <lora:ink:0.8>
                Negative prompt: blurry
                low quality
                Steps: 28, Sampler: DPM++ 2M, CFG scale: 6.5, Seed: 18446744073709551615, \
                Size: 64x64, Model hash: 1111111111, Model: base xl, VAE hash: 2222222222, \
                VAE: fix, Variation seed: 9, Variation seed strength: 0.25, Clip skip: 2, \
                RNG: CPU, Lora hashes: "ink: 333333333333", Schedule type: Karras, \
                Version: latent 0.1.0, Hashes: {"lora:ink": "3333333333", \
                "model": "1111111111", "vae": "2222222222"}
                """)
    }

    @Test func aNewerOrDamagedRecordFallsBackToTheText() throws {
        let texts = try PictureMetadata.texts(
            for: SamplePictures.record(), width: 64, height: 64)
        for json in [
            texts[1].text.replacing("\"version\":1}", with: "\"version\":9}"), "{\"version\":",
            "[" + String(repeating: "[", count: 100_000),
        ] {
            let data = try SamplePictures.png([("parameters", texts[0].text), ("latent", json)])
            let metadata = try PictureMetadata.read(from: data)
            #expect(metadata.tool == .latent)
            #expect(metadata.record == nil)
            #expect(metadata.request?.steps == 28)
            #expect(metadata.warnings.count == 1)
        }
    }
}
