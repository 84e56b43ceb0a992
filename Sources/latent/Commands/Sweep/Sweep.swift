import ArgumentParser
import Foundation
import Generation
import History
import Images
import Settings

/// `latent sweep`: one request along up to three axes, as a labelled contact sheet.
struct Sweep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Vary fields of a request and put the pictures on a labelled sheet.",
        discussion: """
            SPEC is a file, or up to three axes: "steps=8,16,24; cfg=2..6:2; sampler=euler,unipc". \
            The first goes to the right, the second down, the third gives a grid of its own for \
            each value. A..B:STEP counts; quotes keep a comma. replace=castle,windmill,"old house" \
            searches the first text in the prompts and puts each one in its place. All options of \
            generate hold for every cell. Each cell is a job of the journal; what is done is kept \
            beside the sheet, and the same command (or that file as SPEC) goes on after a stop.
            """)

    @Argument(help: "Axes, or a file with them (x, y, z) and perhaps a request.")
    var spec: String

    @OptionGroup var arguments: GenerateArguments

    func run() async throws {
        let console = Console()
        let context = try CommandContext.current()
        var preparation = SweepPreparation(arguments, context)
        let plan = try await preparation.plan(try read())
        for warning in plan.warnings { console.note("Warning: \(warning)") }
        if arguments.output.isDryRun {
            for cell in plan.cells { console.note(plan.spec.label(cell)) }
            return console.note("\(plan.cells.count) cells, the sheet is \(printable(plan.sheet))")
        }
        let run = SweepRun(plan: plan, context: context, console: console)
        let results = try await Interruption.cancelling(console: console) {
            defer { console.clearProgress() }
            return try await run.results()
        }
        try run.writeSheet(results)
        if arguments.output.printsJSON {
            console.printOut(
                try MachineOutput.line(SweepReport(sheet: plan.sheet, results: results)))
        } else {
            console.note(printable(plan.sheet))
        }
        let failures = results.compactMap { result in
            result.failure.map { "\(plan.spec.label(result.cell)): \($0)" }
        }
        guard failures.isEmpty else { throw CommandFailure(.failed, lines: failures) }
    }
}

extension Sweep {
    /// The axes; what is wrong with them is a bad argument.
    private func read() throws -> SweepSpec {
        do {
            return try SweepSpec.read(spec)
        } catch let error as any UserFacingError {
            let hint = error.hint.map { ["Hint: \($0)"] } ?? []
            throw InvalidArguments(descriptions: ["SPEC: \(error.summary)"] + hint)
        }
    }
}

/// What `sweep --json` prints.
struct SweepReport: Encodable {
    struct Cell: Encodable {
        var x: Int
        var y: Int
        var z: Int
        var id: String?
        var path: String?
        var pixelsSHA256: String?
        var failure: String?
    }

    let sheet: String
    let cells: [Cell]

    init(sheet: String, results: [SweepResult]) {
        self.sheet = sheet
        cells = results.map {
            Cell(
                x: $0.cell.x, y: $0.cell.y, z: $0.cell.z, id: $0.finished?.id,
                path: $0.finished?.path, pixelsSHA256: $0.finished?.pixelsSHA256,
                failure: $0.failure)
        }
    }
}
