import Foundation
import Generation
import Presets
import Screen
import Settings
import Studio
import Testing

@testable import StudioRuntime

@Suite("Saving a preset", .timeLimit(.minutes(5)))
struct SavePresetTests {
    private static func request() -> GenerationRequest {
        var request = GenerationRequest(prompt: "a secret prompt")
        request.backend = "fake"
        request.steps = 7
        request.guidanceScale = 3.5
        request.sampler = .euler
        request.seeds = [5]
        return request
    }

    @Test("what was set comes back by its name, and nothing else is kept")
    func roundTrip() async throws {
        let disk = try JournalOnDisk()
        let library = FileLibrary(config: disk.folders.config, depth: .monochrome)
        let file = try await library.savePreset("my fast one", Self.request())
        #expect(await library.names().presets.contains { $0.name == "my fast one" })
        let filled = try await library.preset(
            "my fast one", for: GenerationRequest(prompt: "mine"), defaults: RequestDefaults())
        #expect(filled.steps == 7)
        #expect(filled.guidanceScale == 3.5)
        #expect(filled.sampler == .euler)
        #expect(filled.prompt == "mine")
        #expect(filled.seeds.isEmpty)
        #expect(filled.width == nil)
        #expect(try !String(contentsOfFile: file, encoding: .utf8).contains("secret"))
        #expect(await library.problems.isEmpty)
        var slower = Self.request()
        slower.steps = 70
        _ = try await library.savePreset("my fast one", slower)
        #expect(await library.names().presets.filter { $0.name == "my fast one" }.count == 1)
    }

    @Test(
        "names that are no file names are refused",
        arguments: ["", "../up", "a/b", "a\u{1B}[31m", String(repeating: "n", count: 61)])
    func names(name: String) async throws {
        let disk = try JournalOnDisk()
        let library = FileLibrary(config: disk.folders.config, depth: .monochrome)
        await #expect(throws: PresetNotSaved.self) {
            try await library.savePreset(name, Self.request())
        }
    }

    @Test("in the studio: type a name, find it in the list")
    func studio() async throws {
        let disk = try JournalOnDisk()
        let studio = StudioHarness(
            draft: Draft(prompt: "a", negative: "", request: Self.request()),
            library: FileLibrary(config: disk.folders.config, depth: .monochrome))
        await studio.terminal.untilText("7 steps")
        studio.terminal.press("Alt-k")
        await studio.terminal.untilText("Name of the preset")
        studio.terminal.type("quick one")
        studio.terminal.press("Enter")
        await studio.terminal.untilText("Saved as")
        studio.terminal.press("F8")
        studio.terminal.type("quick one")
        await studio.terminal.untilText("quick one")
        studio.terminal.press("Esc", "Ctrl-Q")
        try await studio.ended()
    }
}
