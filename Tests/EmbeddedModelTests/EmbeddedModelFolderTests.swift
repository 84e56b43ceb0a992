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

    @Test("ships within 20 MB, and within 30 MB with its companions")
    func size() throws {
        let model = try bytes(below: EmbeddedModelFolder.locate())
        let companions = try bytes(below: EmbeddedModelFolder.locateCompanions())
        #expect(model > 1_000_000)
        #expect(model <= 20_000_000)
        #expect(model + companions <= 30_000_000)
    }

    @Test("knows every word of its own examples")
    func examples() throws {
        let file = try EmbeddedModelFolder.locate().appendingPathComponent("model.json")
        let about = try JSONDecoder().decode(About.self, from: Data(contentsOf: file))
        let words = Set(about.words)
        #expect(about.examples.count >= 5)
        for example in about.examples {
            for word in example.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber })
            {
                #expect(words.contains(String(word)), "\(word) in \(example)")
            }
        }
    }

    @Test("names each companion in their README")
    func companions() throws {
        let folder = try EmbeddedModelFolder.locateCompanions()
        let about = try String(
            contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where name != "README.md" {
            #expect(about.contains("`\(name)`"), "\(name)")
        }
    }

    private struct About: Decodable {
        var words: [String]
        var examples: [String]
    }

    private func bytes(below folder: URL) throws -> Int {
        let files = try #require(
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.fileSizeKey]))
        var total = 0
        for case let file as URL in files {
            total += try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
        }
        return total
    }
}
