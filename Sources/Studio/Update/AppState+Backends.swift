import Generation
import Screen

extension AppState {
    /// How many jobs each backend runs side by side.
    var places: [String: Int] {
        Dictionary(backends.map { ($0.id, $0.parallelJobs) }) { first, _ in first }
    }

    /// Opens the list of backends to which the same request goes.
    mutating func askForBackends() -> [Effect] {
        commitParameter()
        guard parameters.problem == nil else { return [] }
        let known = comparedBackends.filter { id in backends.contains { $0.id == id } }
        var picker = Picker(
            title: "Send to several backends", items: backendItems,
            selected: parameters.request.backend)
        picker.marks = known.isEmpty ? [parameters.request.backend] : known
        picker.replace(picker.items)
        layers.append(.picker(picker, .backends))
        return backends.filter { $0.knowledge == .unknown }.map { backend in
            var request = GenerationRequest(prompt: "")
            request.backend = backend.id
            return .describeBackend(request)
        }
    }

    /// What the list says of each backend; shown anew when one has told what it can do.
    mutating func refreshBackendItems() {
        for index in layers.indices {
            guard case .picker(var picker, .backends) = layers[index] else { continue }
            picker.replace(backendItems)
            layers[index] = .picker(picker, .backends)
        }
    }

    private var backendItems: [Picker.Item] {
        backends.map { backend in
            switch backend.knowledge {
            case .unknown:
                return .init(id: backend.id, title: backend.id, detail: "is being asked")
            case .failed(let problem):
                return .init(id: backend.id, title: backend.id, reason: problem)
            case .known(let capabilities, _):
                let adapted = adapted(to: backend, capabilities)
                if let problem = adapted.problems.first {
                    return .init(
                        id: backend.id, title: backend.id, reason: problem.labelled)
                }
                return .init(
                    id: backend.id, title: backend.id, detail: Self.summary(adapted.notes))
            }
        }
    }

    /// The fields that are left out, in few words.
    private static func summary(_ notes: [String]) -> String {
        guard !notes.isEmpty else { return "takes all of it" }
        let names = notes.map { $0.prefix { $0 != ":" && $0 != " " }.drop { $0 == "-" } }
        return "leaves out " + names.joined(separator: ", ")
    }

    private func adapted(to backend: Backend, _ capabilities: GeneratorCapabilities)
        -> AdaptedRequest
    {
        AdaptedRequest(request, to: backend.id, capabilities, models: backend.models)
    }

    /// Makes the grid of the chosen backends.
    mutating func compareBackends(_ picker: Picker) -> [Effect] {
        var wanted = picker.marks ?? []
        if wanted.isEmpty, let item = picker.chosen { wanted = [item.id] }
        comparedBackends = wanted
        var cells: [Sheet.Cell] = []
        for backend in backends where wanted.contains(backend.id) {
            guard case .known(let capabilities, _) = backend.knowledge else {
                status = StatusMessage(.warning, "\(backend.id) has not said yet what it takes")
                layers.append(.picker(picker, .backends))
                return []
            }
            let adapted = adapted(to: backend, capabilities)
            if let problem = adapted.problems.first {
                status = StatusMessage(.problem, "\(backend.id): \(problem.labelled)")
                layers.append(.picker(picker, .backends))
                return []
            }
            var cell = Sheet.Cell(label: backend.id, request: adapted.request)
            cell.notes = adapted.notes
            if parameters.seed.mode == .random, capabilities.support(for: .seeds).isSupported {
                cell.openSeeds = min(max(1, parameters.count), max(1, capabilities.maximumCount))
            }
            cells.append(cell)
        }
        guard !cells.isEmpty else { return [] }
        var sheet = Sheet(.backends, columns: cells.map(\.label), cells: cells)
        sheet.parent = parent
        if parameters.seed.mode == .increment {
            parameters.seed.value &+= UInt64(max(1, parameters.count))
        }
        return [.drawSeed(sheet)]
    }

    /// Says what a backend that was just chosen cannot honour: it is kept, and is not sent.
    mutating func explainBackend() {
        isSwitchingBackend = false
        guard let capabilities = backend?.capabilities else { return }
        if let note = parameters.request.translateStyle(for: capabilities) {
            status = StatusMessage(.information, note)
        }
        let problems = request.problems(for: capabilities)
        guard let first = problems.first else { return }
        let more = problems.count > 1 ? ", and \(problems.count - 1) more" : ""
        status = StatusMessage(
            .warning,
            "\(parameters.request.backend) cannot take \(first.labelled)\(more); it is kept")
    }

    /// Why the value of a parameter is not accepted by the chosen backend; nil when it is.
    public func objection(to parameter: ParameterID) -> String? {
        guard let capabilities = backend?.capabilities, let field = parameter.field else {
            return nil
        }
        return request.problems(for: capabilities).first { $0.field == field }?.reason.inStudioWords
            ?? fileProblems.first { $0.field == field }?.sentence
    }

    /// Fetches results that services still have.
    mutating func fetch(_ left: [LeftJob]) -> [Effect] {
        let known = left.filter { job in
            (job.server != nil || backends.contains { $0.id == job.request.backend })
                && !queue.jobs.contains { $0.resumes == job.task }
        }
        guard !known.isEmpty else { return [] }
        for job in known {
            queue.append { id in
                var made = Job(id: id, request: job.request, randomSeeds: 0, parent: job.entry)
                made.resumes = job.task
                made.server = job.server
                return made
            }
        }
        let effects = startJobs()
        let text =
            known.count == 1
            ? "Fetching a result that \(known[0].request.backend) still has"
            : "Fetching \(known.count) results that services still have"
        let parts = [status?.text, text].compactMap { $0 }
        status = StatusMessage(.information, parts.joined(separator: "; "))
        return effects
    }
}
