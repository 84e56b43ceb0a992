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
        #expect(try Self.asked(by: request, program) == request)
    }

    @Test("what was drawn again, or by another seed, is drawn so by the command")
    func draws() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        var request = GenerationRequest(prompt: "a {red|green|blue|white} {fox|cat|owl|crow}")
        request.negativePrompt = "{fog|rain|snow}"
        request.seeds = [5]
        let first = try Self.asked(by: request, program)
        let again = try Self.asked(by: request, program, "--reroll", "1,3")
        let texts = [first, again].map { $0.expansion?.prompt }
        #expect(texts[0] != texts[1])
        #expect(again.expansion?.draws?.rerolls.isEmpty == false)
        #expect(try Self.asked(by: again, program) == again)
        // Taken over with another seed, the draws stay.
        var other = again
        other.seeds = [6]
        #expect(try Self.asked(by: other, program).expansion == again.expansion)
    }

    /// The request that the copied command asks for.
    private static func asked(
        by request: GenerationRequest, _ program: CommandLineProgram, _ more: String...
    ) throws -> GenerationRequest {
        let command = Studio.CommandLine.text(for: request).dropFirst("latent generate".count)
        let more = more.joined(separator: " ")
        let result = try program.shell("\"$LATENT\" generate --dry-run --json \(more)\(command)")
        #expect(result.status == 0, "\(result.errors)")
        let object = try #require(try result.object()["request"])
        let data = try JSONSerialization.data(withJSONObject: object)
        return try JSONDecoder().decode(GenerationRequest.self, from: data)
    }
}
