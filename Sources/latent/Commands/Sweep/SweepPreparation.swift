import Foundation
import Generation
import History
import Images
import Presets
import Settings

/// A sweep that can run: every cell checked.
struct SweepPlan: Sendable {
    /// With the shared request and what is done already.
    var spec: SweepSpec
    var cells: [SweepCell]
    /// One per backend, so that cells share the model in memory.
    var generators: [String: any ImageGenerator]
    var options: ExecutionOptions
    /// Where the sheet goes.
    var sheet: String
    var warnings: [String]

    /// Where what is done is kept.
    var record: String { SweepSpec.recordPath(of: sheet) }
}

/// Turns a SPEC and the options beside it into a ``SweepPlan``.
struct SweepPreparation {
    private let arguments: GenerateArguments
    private let context: CommandContext

    init(_ arguments: GenerateArguments, _ context: CommandContext) {
        self.arguments = arguments
        self.context = context
    }

    /// - Throws: ``InvalidArguments`` with the problems of all cells.
    mutating func plan(_ spec: SweepSpec) async throws -> SweepPlan {
        var spec = spec
        var preparation = GeneratePreparation(arguments, context)
        preparation.sharedRequest = spec.request
        preparation.writesSheet = true
        let job = try await preparation.job()
        var problems = ArgumentProblems()
        if job.request.seeds.count != 1 {
            problems.add(
                "--seed", "", "a cell is one picture; put seeds on an axis: seeds=1,2,3")
        }
        if spec.count > SweepSpec.maximumCells {
            problems.add("SPEC", "", "at most \(SweepSpec.maximumCells) cells are possible")
            throw InvalidArguments(descriptions: problems.descriptions)
        }
        let sheet = try sheetPath()
        let base = try takeUp(&spec, job.request, sheet)
        let cells = try self.cells(spec, base, &problems)
        let generators = try await check(cells, spec, job, &problems)
        try problems.throwIfAny()
        return SweepPlan(
            spec: spec, cells: cells, generators: generators, options: job.options, sheet: sheet,
            warnings: job.warnings)
    }

    private func cells(
        _ spec: SweepSpec, _ base: GenerationRequest, _ problems: inout ArgumentProblems
    ) throws -> [SweepCell] {
        do {
            return try spec.cells(of: base) { try context.expander.expanded($0) }
        } catch let error as any UserFacingError {
            problems.add("SPEC", error)
            return []
        }
    }

    /// Asks each cell's backend; the same problem of several cells is told once.
    private func check(
        _ cells: [SweepCell], _ spec: SweepSpec, _ job: GenerationJob,
        _ problems: inout ArgumentProblems
    ) async throws -> [String: any ImageGenerator] {
        var generators = [job.request.backend: job.generator]
        var told: Set<String> = []
        for cell in cells {
            let name = cell.request.backend
            do {
                let generator = try generators[name] ?? context.backends.generator(named: name)
                generators[name] = generator
                for problem in try await generator.problems(with: cell.request)
                where told.insert(problem.description).inserted {
                    problems.add([problem])
                }
            } catch let error as any UserFacingError {
                if told.insert(error.summary).inserted { problems.add("SPEC", error) }
            }
        }
        return generators
    }

    private func sheetPath() throws -> String {
        guard let path = arguments.output.path else {
            try Folders.create(context.folders.images)
            return context.folders.images
                .appendingPathComponent("sweep-\(JobRecorder.newID()).png").path
        }
        try AtomicFile.checkWritable(path)
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// What an earlier run of the same sweep left: its cells, and its seed where none is given.
    private func takeUp(
        _ spec: inout SweepSpec, _ request: GenerationRequest, _ sheet: String
    ) throws -> GenerationRequest {
        var request = request
        let isRandom = arguments.sampling.seed == nil && spec.request == nil
        let record = SweepSpec.recordPath(of: sheet)
        if spec.cells == nil, FileManager.default.fileExists(atPath: record),
            let earlier = try? SweepSpec.read(record), let old = earlier.request
        {
            var same = request
            if isRandom { (same.seeds, same.expansion) = (old.seeds, old.expansion) }
            if same == old, earlier.axes == spec.axes {
                (spec.cells, request) = (earlier.cells, old)
            }
        }
        spec.request = request
        return request
    }
}
