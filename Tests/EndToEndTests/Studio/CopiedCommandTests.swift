import Foundation
import Generation
import Testing

@testable import Studio

@Suite("The command that the studio copies", .timeLimit(.minutes(10)))
struct CopiedCommandTests {
    @Test("it asks for the same picture", arguments: ["it's a \"fox\"\n$HOME", "--help -- me"])
    func roundTrip(prompt: String) throws {
        var request = GenerationRequest(prompt: prompt)
        request.negativePrompt = "-blurry 'x'"
        request.backend = "fake"
        request.seeds = [5, UInt64.max]
        (request.width, request.height, request.steps) = (128, 192, 7)
        request.guidanceScale = 3.5
        request.guidanceRescale = 0.5
        request.sampler = .euler
        request.schedule = .karras
        request.clipSkip = 1
        request.variationSeed = 3
        request.variationStrength = 0.25
        request.hires = HiresPass(scale: 2, strength: 0.4)
        let program = try CommandLineProgram()
        defer { program.remove() }
        let command = Studio.CommandLine.text(for: request).dropFirst("latent generate".count)
        let result = try program.shell("\"$LATENT\" generate --dry-run --json\(command)")
        #expect(result.status == 0, "\(result.errors)")
        let object = try #require(try result.object()["request"])
        let data = try JSONSerialization.data(withJSONObject: object)
        #expect(try JSONDecoder().decode(GenerationRequest.self, from: data) == request)
    }
}
