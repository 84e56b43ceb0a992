import ArgumentParser
import History

struct NoteHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "note", abstract: "Write a note to a job; an empty one removes it.")

    @Argument(help: "An identifier, a unique part of one, or last.")
    var id: String

    @Argument(help: "The note.")
    var text: String

    @OptionGroup var output: AnnotationOutput

    func run() throws {
        var problems = ArgumentProblems()
        if text.hasControlCharacters {
            problems.add("NOTE", text, "control characters are not accepted")
        }
        try problems.throwIfAny()
        try output.report(JobAnnotation(CommandContext.current()).add(.noted(text), to: [id]))
    }
}
