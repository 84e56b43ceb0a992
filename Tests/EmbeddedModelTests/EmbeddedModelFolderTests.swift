import Foundation
import Testing

@testable import EmbeddedModel

@Suite("The embedded model's folder")
struct EmbeddedModelFolderTests {
    @Test("is a diffusers folder, or a sentence that says what is missing")
    func location() throws {
        do {
            let folder = try EmbeddedModelFolder.locate()
            let index = folder.appendingPathComponent("model_index.json")
            #expect(FileManager.default.fileExists(atPath: index.path))
        } catch {
            #expect(error.summary.contains("not found"))
            #expect(error.hint?.contains("--model") == true)
        }
    }
}
