import Foundation
import Generation
import Hashing
import History
import Images
import Settings

/// A cell and what became of it.
struct SweepResult: Sendable {
    let cell: SweepCell
    var finished: SweepSpec.FinishedCell?
    var failure: String?
}

/// Runs the cells of a sweep that are not done, and keeps what is.
struct SweepRun: Sendable {
    let plan: SweepPlan
    let context: CommandContext
    let console: Console

    /// The results in the order of the plan. A failed cell does not stop the others.
    ///
    /// - Throws: `CancellationError` when stopped; what was finished is kept.
    func results() async throws -> [SweepResult] {
        var spec = plan.spec
        spec.cells = known(spec.cells ?? [:])
        try keep(spec)
        var results: [String: SweepResult] = [:]
        let missing = plan.cells.filter { spec.cells?[$0.key] == nil }
        let order = missing.enumerated().sorted {
            ($0.element.request.loadingKey, $0.offset) < ($1.element.request.loadingKey, $1.offset)
        }.map(\.element)
        if missing.count < plan.cells.count {
            console.note(
                "\(plan.cells.count - missing.count) of \(plan.cells.count) cells are done already")
        }
        for (index, cell) in order.enumerated() {
            console.note("\(index + 1) of \(order.count): \(plan.spec.label(cell))")
            do {
                spec.cells?[cell.key] = try await run(cell)
                try keep(spec)
            } catch is CancellationError {
                console.clearProgress()
                console.note(
                    "Go on with: latent sweep \(printable(plan.record)) -o "
                        + printable(plan.sheet))
                throw CancellationError()
            } catch let error as any UserFacingError {
                results[cell.key] = SweepResult(cell: cell, failure: error.summary)
            }
        }
        return plan.cells.map { cell in
            results[cell.key] ?? SweepResult(cell: cell, finished: spec.cells?[cell.key])
        }
    }

    /// The sheet of what is done.
    ///
    /// - Throws: a ``UserFacingError`` when it cannot be written.
    func writeSheet(_ results: [SweepResult]) throws {
        var pictures: [String: PixelImage] = [:]
        for result in results {
            guard let path = result.finished?.path else { continue }
            pictures[result.cell.key] = try ImageFile.read(path)
        }
        let spec = plan.spec
        let pages = (spec.z?.values.indices ?? 0..<1).map { layer in
            ContactSheet.Page(
                title: spec.z?.label(layer) ?? "",
                cells: (spec.y?.values.indices ?? 0..<1).map { row in
                    (spec.x?.values.indices ?? 0..<1).map { pictures["\($0),\(row),\(layer)"] }
                })
        }
        let sheet = ContactSheet(
            title: spec.request?.prompt ?? "",
            columns: spec.x.map { axis in axis.values.indices.map { axis.label($0) } } ?? [],
            rows: spec.y.map { axis in axis.values.indices.map { axis.label($0) } } ?? [],
            pages: pages)
        let suffix = URL(fileURLWithPath: plan.sheet).pathExtension
        let bytes = try sheet.picture().encoded(
            as: ImageFormat(fileExtension: suffix) ?? .png)
        try AtomicFile.write(bytes, to: plan.sheet, access: .owner)
    }

    private func run(_ cell: SweepCell) async throws -> SweepSpec.FinishedCell? {
        guard let generator = plan.generators[cell.request.backend] else { return nil }
        let job = RecordedJob(
            request: cell.request, parent: nil, origin: .sweep, options: plan.options)
        let (id, result) = try await job.run(on: generator, in: context, console: console)
        return result.pictures.first.map {
            .init(id: id, path: $0.path, pixelsSHA256: $0.pixelsSHA256)
        }
    }

    /// Cells whose picture is still there and the same.
    private func known(
        _ cells: [String: SweepSpec.FinishedCell]
    ) -> [String: SweepSpec.FinishedCell] {
        cells.filter { _, cell in
            (try? ImageFile.read(cell.path))?.pixelsSHA256 == cell.pixelsSHA256
        }
    }

    private func keep(_ spec: SweepSpec) throws {
        try AtomicFile.write(try spec.record(), to: plan.record, access: .owner)
    }
}
