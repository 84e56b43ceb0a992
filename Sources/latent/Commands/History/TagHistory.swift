import ArgumentParser
import History

struct TagHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Add tags to a job or take them away.",
        discussion: "`latent history tag last cats -- -old` adds cats and takes old away.")

    @Argument(help: "An identifier, a unique part of one, or last.")
    var id: String

    @Argument(help: "TAG adds, -TAG takes away (after --).")
    var tags: [String]

    @OptionGroup var output: AnnotationOutput

    func run() throws {
        var change = TagChange()
        var problems = ArgumentProblems()
        for tag in tags {
            let name = tag.hasPrefix("-") ? String(tag.dropFirst()) : tag
            if name.hasControlCharacters {
                problems.add("TAG", tag, "control characters are not accepted")
            } else if name.isEmpty || name.contains(where: { $0.isWhitespace || $0 == "#" }) {
                problems.add("TAG", tag, "one word without # is needed")
            } else if tag.hasPrefix("-") {
                change.removed.append(name)
            } else {
                change.added.append(name)
            }
        }
        try problems.throwIfAny()
        try output.report(JobAnnotation(CommandContext.current()).add(.tagged(change), to: [id]))
    }
}
