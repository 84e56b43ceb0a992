import Foundation
import Generation
import Hashing
import History
import Images
import Settings

/// Runs a replay item by item and tells each verdict as it comes.
struct ReplayRun: Sendable {
    let plan: ReplayPlan
    let options: ExecutionOptions
    let output: String?
    let baseURL: String?
    let context: CommandContext
    let console: Console
    let isJSON: Bool

    /// The results, in the order of the plan. A run that was stopped is taken up where it was.
    ///
    /// - Throws: `CancellationError` when stopped; a ``UserFacingError`` for a backend that is not
    ///   there.
    func results() async throws -> [ReplayResult] {
        let engine = ProgramIdentity.current()
        let replayer = Replayer(surroundings(engine))
        var progress = ReplayProgress(
            plan: plan, key: try key(engine), folder: context.folders.state)
        var results: [ReplayResult] = []
        for (index, item) in plan.items.enumerated() {
            let result: ReplayResult
            if let known = progress.done[index] {
                result = known
            } else {
                result = try await self.result(item, replayer)
                try progress.add(result, item: index)
            }
            results.append(result)
            tell(result)
        }
        progress.clear()
        return results
    }

    /// What makes this replay another one than an earlier one of the same plan: a result counts only
    /// for the program, the CPU and the content of the files that gave it.
    private func key(_ engine: EngineIdentity) throws -> String {
        var parts = [engine.program, engine.build, output ?? "", baseURL ?? ""]
        parts += engine.cpuFeatures
        for item in plan.items {
            parts += try context.files(of: item.request).map {
                "\($0.role)\t\($0.path)\t\($0.sha256)"
            }
        }
        return parts.joined(separator: "\n")
    }

    private func surroundings(_ engine: EngineIdentity) -> Replayer.Surroundings {
        let context = context
        return Replayer.Surroundings(engine: engine) { try context.files(of: $0) }
    }

    private func result(_ item: ReplayItem, _ replayer: Replayer) async throws -> ReplayResult {
        do {
            let generator = try context.backends.generator(
                named: item.request.backend, baseURL: baseURL)
            var reporter = RunReporter(console: console, isJSON: false)
            return try await replayer.replay(item, with: generator, options: options) { event in
                switch event {
                case .stage(let stage): reporter.report(stage)
                case .warning(let text): reporter.warn(text)
                case .image(let image): try save(image, of: item)
                default: break
                }
            }
        } catch let error as any UserFacingError {
            return ReplayResult(title: item.title, failure: error.summary)
        }
    }

    private func save(_ image: GeneratedImage, of item: ReplayItem) throws {
        guard let output else { return }
        var reader = ArgumentReader()
        let plan = OutputPlan(
            path: output, format: nil, folder: context.folders.images, id: item.title,
            seeds: item.request.seeds, reader: &reader)
        try reader.problems.throwIfAny()
        let files = try context.files(of: item.request)
        let writer = PictureWriter(
            plan: plan, recordedRequest: item.request, job: nil,
            engine: ["local", "fake"].contains(item.request.backend)
                ? ProgramIdentity.current() : nil,
            modelHashes: Dictionary(files.map { ($0.role, $0.sha256) }) { first, _ in first },
            refuges: [context.folders.images])
        let outcome = try writer.write(image)
        if let failure = outcome.failure { throw failure }
    }

    private func tell(_ result: ReplayResult) {
        guard !isJSON else { return }
        console.clearProgress()
        if let failure = result.failure {
            return console.printOut("\(result.title)  failed: \(printable(failure))")
        }
        for verdict in result.verdicts {
            let place = result.verdicts.count > 1 ? " [\(verdict.index)]" : ""
            console.printOut("\(result.title)\(place)  \(verdict.text)")
        }
    }
}
