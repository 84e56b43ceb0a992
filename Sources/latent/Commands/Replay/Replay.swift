import ArgumentParser
import Foundation
import Generation
import History
import Presets
import Settings

/// `latent replay`: runs again what is recorded.
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run recorded jobs again, and tell whether the pictures come out the same.",
        discussion: """
            Jobs of the journal, whole session files and pictures with metadata can be mixed. \
            Without -o nothing is written.
            """)

    @Argument(help: "Identifiers of jobs, session files (.jsonl), pictures.")
    var names: [String]

    @Flag(help: "Exit with status 3 when a picture differs from what is recorded.")
    var verify = false

    @OptionGroup var backend: BackendOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Change a field for all; repeatable.", valueName: "field=value"))
    var set: [String] = []

    @Option(
        name: [.customShort("o"), .customLong("output")], parsing: .unconditional,
        help: ArgumentHelp(
            "Saves the new pictures; {seed} {index} {id} are replaced.", valueName: "path"))
    var output: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Threads of the engine; default: one per core.", valueName: "n"))
    var threads: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("auto, resident or streamed weights.", valueName: "mode"))
    var memory: String?

    @Flag(name: .customLong("json"), help: "One JSON object on stdout when done.")
    var printsJSON = false

    func run() async throws {
        let console = Console()
        let context = try CommandContext.current()
        let (plan, options) = try prepare(context)
        for note in plan.notes { console.note("Note: \(printable(note))") }
        let run = ReplayRun(
            plan: plan, options: options, output: output, baseURL: backend.baseURL,
            context: context, console: console, isJSON: printsJSON)
        let results = try await Interruption.cancelling(console: console) {
            defer { console.clearProgress() }
            return try await run.results()
        }
        if printsJSON { console.printOut(try MachineOutput.line(ReplayReport(results: results))) }
        guard results.allSatisfy({ $0.failure == nil }) else { throw CommandFailure(.failed) }
        if verify, !results.allSatisfy(\.isIdentical) { throw CommandFailure(.different) }
    }

    private func prepare(_ context: CommandContext) throws -> (ReplayPlan, ExecutionOptions) {
        var reader = ArgumentReader()
        let threads = reader.integer("--threads", threads, in: 1...1024)
        let memory = reader.memory(memory)
        var settings: [FieldSetting] = []
        for text in (backend.name.map { ["backend=\($0)"] } ?? []) + set {
            do {
                settings.append(try FieldSetting(text))
            } catch let error as any UserFacingError {
                reader.problems.add(error)
            }
        }
        var plan: ReplayPlan
        do {
            plan = try ReplayPlanner(store: JournalStore(folders: context.folders)).plan(names)
        } catch {
            // What is wrong with the options is told first, and all of it.
            try reader.problems.throwIfAny()
            throw error
        }
        for setting in settings {
            do {
                try plan.apply([setting])
            } catch let error as FieldSetting.Problem {
                reader.problems.add(error)
            }
        }
        expand(&plan, context, &reader)
        checkBackends(plan, context, &reader)
        try reader.problems.throwIfAny()
        return (plan, ExecutionOptions(threads: threads, memory: memory))
    }

    /// Texts that were changed have choices, wildcards and a style like typed ones.
    private func expand(
        _ plan: inout ReplayPlan, _ context: CommandContext, _ reader: inout ArgumentReader
    ) {
        let texts: Set<RequestField> = [
            .prompt, .negativePrompt, .prompt2, .negativePrompt2, .style,
        ]
        let expander = context.expander
        for index in plan.items.indices
        where !texts.isDisjoint(with: plan.items[index].changes) {
            do {
                plan.items[index].request = try expander.expanded(plan.items[index].request)
            } catch let error as any UserFacingError {
                return reader.problems.add("--set", error)
            } catch {
                return reader.problems.add("--set", "", "the prompt cannot be expanded")
            }
        }
    }

    /// A backend that was asked for and is not there is a mistake; a recorded one fails its item.
    private func checkBackends(
        _ plan: ReplayPlan, _ context: CommandContext, _ reader: inout ArgumentReader
    ) {
        let changed = plan.items.filter { $0.changes.contains(.backend) }
        for name in Set(changed.map(\.request.backend)).sorted() {
            do {
                _ = try context.backends.generator(named: name, baseURL: backend.baseURL)
            } catch let error as any UserFacingError {
                reader.problems.add("--backend", error)
            } catch {
                reader.problems.add("--backend", name, "cannot be used")
            }
        }
    }
}

/// What `replay --json` prints.
struct ReplayReport: Encodable {
    let results: [ReplayResult]
    /// Whether every picture came out bit for bit.
    let isIdentical: Bool

    init(results: [ReplayResult]) {
        self.results = results
        isIdentical = results.allSatisfy(\.isIdentical)
    }
}
