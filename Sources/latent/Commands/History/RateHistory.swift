import ArgumentParser
import History

struct RateHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rate", abstract: "Rate a job from 1 to 5; 0 takes the rating away.")

    @Argument(help: "An identifier, a unique part of one, or last.")
    var id: String

    @Argument(help: "0 to 5.")
    var rating: String

    @OptionGroup var output: AnnotationOutput

    func run() throws {
        var reader = ArgumentReader()
        let rating = reader.integer("RATING", rating, in: 0...5) ?? 0
        try reader.problems.throwIfAny()
        try output.report(JobAnnotation(CommandContext.current()).add(.rated(rating), to: [id]))
    }
}
