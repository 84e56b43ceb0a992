import Foundation
import Generation
import Images
import Testing

/// What `replay` says before any work, and what it writes into pictures.
@Suite struct ReplayArgumentsTests {
    @Test(arguments: ["/nope/s.jsonl", "s.jsonl", "a/b", "x.PNG", "x.jpg", ""])
    func filesThatAreNotThereAreNamed(name: String) throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        let outcome = try program.run("replay", name)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(name.isEmpty ? "name is empty" : "There is no file"))
        #expect(!outcome.errors.contains("has the identifier"))
    }

    @Test func problemsAreToldTogetherBeforeAnyWork() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        try #require(try program.run("generate", "a", "-b", "fake").status == 0)
        let both = try program.run("replay", "last", "--set", "steps=x", "--set", "sampler=nope")
        #expect(both.status == 2)
        #expect(both.errors.contains("steps=x") && both.errors.contains("sampler=nope"))
        let backend = try program.run("replay", "last", "--backend", "nope")
        #expect(backend.status == 2)
        #expect(backend.output.isEmpty)
    }

    @Test func picturesCarryTheEngine() throws {
        let program = try CommandLineProgram()
        defer { program.remove() }
        try #require(try program.run("generate", "a", "-b", "fake", "-s", "1").status == 0)
        try #require(try program.run("replay", "last", "-o", program.path("out.png")).status == 0)
        let metadata = try PictureMetadata.read(fileAt: program.path("out.png"))
        let record = try #require(metadata.record)
        #expect(record.engine != nil)
    }
}
