import Generation
import History
import Images
import Studio

/// More cells than the studio shows.
struct TooManyCells: UserFacingError {
    let count: Int

    var summary: String {
        "\(count) cells; at most \(Sheet.maximumCells) are possible here, and "
            + "\(SweepSpec.maximumCells) with `latent sweep`"
    }
    var hint: String? { nil }
}

/// A cell that its backend does not take.
struct CellProblem: UserFacingError {
    let summary: String
    let hint: String? = nil
}

extension EffectRunner {
    /// Reads the axes of a sweep over a request; where it `begins`, checks every cell first.
    func planSweep(_ text: String, _ request: GenerationRequest, begins: Bool) {
        Task {
            do {
                let spec = try SweepSpec.read(text)
                guard spec.count <= Sheet.maximumCells else {
                    throw TooManyCells(count: spec.count)
                }
                var base = (spec.request ?? request)
                    .withAbsolutePaths(in: dependencies.workingFolder)
                base.seeds = Array(base.seeds.prefix(1))
                let cells = try spec.cells(of: base) { $0 }
                if begins {
                    var sheet = Sheet(spec, try await checked(cells, spec))
                    sheet.axes = text
                    sheet.base = base
                    inbox.post(.sheet(sheet, seed: dependencies.drawSeed()))
                } else {
                    let outline = SweepOutline(
                        text: text, count: cells.count, requests: cells.map(\.request))
                    inbox.post(.sweepPlanned(outline))
                }
            } catch {
                let problem = (error as? any UserFacingError)?.summary ?? "\(error)"
                inbox.post(.sweepPlanned(SweepOutline(text: text, problem: printable(problem))))
            }
        }
    }

    /// The cells of a grid, each of which its backend takes.
    private func checked(_ cells: [SweepCell], _ spec: SweepSpec) async throws -> [Sheet.Cell] {
        var result: [Sheet.Cell] = []
        for cell in cells {
            guard let generator = generator(for: cell.request) else {
                throw UnknownBackend(name: cell.request.backend)
            }
            let expanded = try await dependencies.library.expanded(cell.request)
            var problems = try await generator.problems(with: expanded)
            let capabilities = try await generator.capabilities(for: cell.request)
            let takesSeeds = capabilities.support(for: .seeds).isSupported
            // A seed that expanding drew is none that anybody asked for.
            if !takesSeeds, cell.request.seeds.isEmpty { problems.removeAll { $0.field == .seeds } }
            if let problem = problems.first {
                throw CellProblem(summary: "\(spec.label(cell)): \(problem.labelled)")
            }
            var place = Sheet.Cell(label: spec.label(cell), request: cell.request)
            if cell.request.seeds.isEmpty, takesSeeds { place.openSeeds = 1 }
            result.append(place)
        }
        return result
    }

    /// Reads the picture of a cell's entry, no larger than it is kept.
    func loadCell(_ index: Int, _ entry: String, _ side: Int) {
        attempt("the picture of a cell could not be read") { runner in
            var image = try await runner.dependencies.journal.picture(0, of: entry)
            if max(image.width, image.height) > side {
                let size = image.size(fittingWidth: side, height: side)
                image = image.resized(width: size.width, height: size.height)
            }
            let reference = runner.images.store(image, as: "cell \(entry) \(side)")
            runner.inbox.post(.cellPicture(index, entry: entry, reference))
        }
    }

    /// Makes one draw of a request's prompt again.
    func reroll(_ request: GenerationRequest, _ draw: Int, _ parent: String) {
        attempt("the prompt could not be drawn again") { runner in
            let drawn = try await runner.dependencies.library.rerolled(request, draw: draw)
            runner.inbox.post(.rerolled(drawn, parent: parent))
        }
    }

    /// Jobs of earlier runs whose results their services still have.
    func leftJobs() async throws -> [LeftJob] {
        var found: [LeftJob] = []
        for job in try await dependencies.journal.leftRemote() {
            guard let generator = generator(for: job.request, at: job.server),
                let capabilities = try? await generator.capabilities(for: job.request),
                capabilities.canResume
            else { continue }
            found.append(job)
        }
        return found
    }
}

extension Sheet {
    /// The grid of a sweep with its labels.
    init(_ spec: SweepSpec, _ cells: [Cell]) {
        func labels(_ axis: SweepAxis?) -> [String] {
            (axis?.values.indices).map { $0.map { axis?.label($0) ?? "" } } ?? []
        }
        self.init(
            .sweep, columns: labels(spec.x), rows: labels(spec.y), pages: labels(spec.z),
            cells: cells)
    }
}
