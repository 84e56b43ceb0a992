import ArgumentParser
import Generation
import History

/// How commands that change jobs tell what they did: nothing for people, the jobs for machines.
struct AnnotationOutput: ParsableArguments {
    @Flag(name: .customLong("json"), help: "The changed jobs as one JSON object on stdout.")
    var printsJSON = false

    /// Prints the jobs when that was asked for.
    func report(_ jobs: [JobSummary]) throws {
        guard printsJSON else { return }
        Console().printOut(try MachineOutput.history(["jobs": jobs]))
    }
}
