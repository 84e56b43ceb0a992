import Foundation
import Testing

@testable import Settings

@Suite("Models by name")
struct ModelCatalogTests {
    /// A home with a folder of somebody's LoRAs beside it.
    private final class Place {
        let root = FileManager.default.temporaryDirectory
            .appendingPathComponent("catalog-\(UUID().uuidString)")
        let catalog: ModelCatalog

        init() {
            catalog = ModelCatalog(
                folders: Folders(environment: ["LATENT_HOME": root.appendingPathComponent("h").path]
                ))
        }

        deinit { try? FileManager.default.removeItem(at: root) }

        @discardableResult
        func write(_ path: String) throws -> String {
            let url = root.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: url)
            return url.path
        }

        func names(_ kind: ModelCatalog.Kind) -> [String] {
            catalog.places(of: kind).map(\.name)
        }
    }

    @Test("an added folder of LoRAs stands for those in it, and in the folders inside")
    func folderOfLoRAs() throws {
        let place = Place()
        for path in [
            "l/film.safetensors", "l/people/anna.safetensors",
            "l/old/pytorch_lora_weights.safetensors",
            "l/peft/adapter_model.safetensors", "l/.hidden.safetensors", "l/notes.txt",
        ] {
            try place.write(path)
        }
        let folder = place.root.appendingPathComponent("l").path
        let entry = try place.catalog.add(folder, kind: .lora)
        #expect(place.names(.lora) == ["anna", "film", "old", "peft"])
        #expect(
            place.catalog.resolve("anna", kind: .lora)?.path == folder + "/people/anna.safetensors")
        #expect(place.catalog.resolve("old", kind: .lora)?.path == folder + "/old")
        try place.write("l/new.safetensors")
        #expect(place.names(.lora).contains("new"))
        #expect(throws: ModelCatalogError.notAdded("film")) { try place.catalog.remove("film") }
        _ = try place.catalog.remove(entry.name)
        #expect(place.names(.lora).isEmpty)
    }

    @Test("what was added by itself, or lies in the data folder, goes before a folder's")
    func precedence() throws {
        let place = Place()
        try place.write("l/film.safetensors")
        let own = try place.write("other/film.safetensors")
        _ = try place.catalog.add(place.root.appendingPathComponent("l").path, kind: .lora)
        _ = try place.catalog.add(own, kind: .lora)
        #expect(place.catalog.resolve("film", kind: .lora)?.path == own)
        let kept = try place.write("h/data/models/embeddings/sorted/fox.safetensors")
        try place.write("e/fox.safetensors")
        _ = try place.catalog.add(place.root.appendingPathComponent("e").path, kind: .embedding)
        #expect(place.catalog.resolve("fox", kind: .embedding)?.path == kept)
    }

    @Test("a folder with nothing in it is refused, and one that is a model stays one")
    func otherFolders() throws {
        let place = Place()
        try place.write("empty/readme.txt")
        let empty = place.root.appendingPathComponent("empty").path
        #expect(throws: ModelCatalogError.emptyFolder(empty)) {
            try place.catalog.add(empty, kind: .lora)
        }
        try place.write("peft/adapter_model.safetensors")
        let peft = place.root.appendingPathComponent("peft").path
        _ = try place.catalog.add(peft, name: "mine", kind: .lora)
        #expect(place.names(.lora) == ["mine"])
        try place.write("cn/diffusion_pytorch_model.safetensors")
        _ = try place.catalog.add(place.root.appendingPathComponent("cn").path, kind: .controlnet)
        #expect(place.names(.controlnet) == ["cn"])
    }
}
