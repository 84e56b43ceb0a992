import Foundation
import Testing

@Suite("A sweep of the studio", .serialized, .timeLimit(.minutes(10)))
struct StudioSweepTests {
    @Test("its grid is saved with labels, and `latent sweep` goes on with it")
    func savedGrid() async throws {
        let studio = try PtyStudio(width: 130, height: 41)
        defer { studio.end() }
        try await studio.until("lighthouse")
        studio.send("\u{1B}x")
        try await studio.until("Sweep: x; y; z")
        studio.send("steps=1,2; replace=cliff,rock")
        try await studio.until("4 pictures")
        studio.send("\r")
        try await studio.untilFinished(4)
        studio.send("\u{1B}c")
        try await studio.until("Save the grid as")
        let sheet = studio.home.appendingPathComponent("grid.png").path
        studio.send("\u{15}\(sheet)\r")
        try await studio.until("Saved as")
        var program = try CommandLineProgram()
        defer { program.remove() }
        program.environment["LATENT_HOME"] = studio.home.appendingPathComponent("latent").path
        let record = studio.home.appendingPathComponent("grid.sweep.json").path
        let result = try await program.runAside("sweep", record, "-o", sheet)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("4 of 4 cells are done already"), "\(result.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: sheet)).count > 1000)
        studio.send("\u{11}")
        #expect(try await studio.status() == 0)
    }
}
