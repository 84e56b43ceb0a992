import Foundation
import Generation
import Images
import Screen
import Studio
import Testing

@testable import StudioRuntime

@Suite("Pictures that parameters name, from files", .timeLimit(.minutes(1)))
struct InputPictureFileTests {
    @Test("a mask is red in its picture, its share is told, and a wrong path is a sentence")
    func mask() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("latent-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ picture: PixelImage?, _ name: String) throws {
            let bytes = try PNGCodec.encode(try #require(picture), level: 1)
            try AtomicFile.write(bytes, to: folder.appendingPathComponent(name).path)
        }
        try write(PixelImage(width: 64, height: 32, filledWith: (0, 0, 255)), "start.png")
        let quarter = (0..<(16 * 8)).flatMap { [UInt8](repeating: $0 % 16 < 4 ? 255 : 0, count: 3) }
        try write(PixelImage(width: 16, height: 8, rgb: quarter), "mask.png")
        let request = GenerationRequest(prompt: "a red fox")
        var draft = Draft(prompt: request.prompt, negative: "", request: request)
        draft.request.initImage = "start.png"
        draft.request.maskImage = "mask.png"
        let studio = StudioHarness(
            draft: draft, terminal: VirtualTerminal(size: Size(width: 140, height: 60)),
            folder: folder)
        await studio.terminal.untilText("a red fox")
        studio.terminal.press("Alt-3")
        for _ in 0..<18 { studio.terminal.press("Down") }
        await studio.terminal.untilText("mask.png · 16×8 · 25 % white, is resized to 64×32")
        studio.terminal.press("Up", "Up", "Enter", "Ctrl-U")
        studio.terminal.type("no.png")
        await studio.terminal.untilText("no.png could not be read: No such file")
        studio.terminal.press("Esc", "Ctrl-Q")
        try await studio.ended()
    }
}
