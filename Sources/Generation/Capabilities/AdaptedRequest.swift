/// A request as another backend can take it, with what was changed for that.
public struct AdaptedRequest: Hashable, Sendable {
    public var request: GenerationRequest
    /// A sentence for each field that the backend cannot honour and that was left to its default.
    public var notes: [String] = []
    /// What cannot be left out: with it the request is refused.
    public var problems: [RequestProblem] = []

    /// Adapts `request` to a backend.
    ///
    /// The text stays as it is. The model stays where the backend knows its name, since names mean
    /// different files elsewhere. Samplers and schedules have one name here; each service
    /// translates it.
    ///
    /// - Parameters:
    ///   - models: names of models that the backend knows besides those of its capabilities.
    public init(
        _ request: GenerationRequest, to backend: String, _ capabilities: GeneratorCapabilities,
        models: [String] = []
    ) {
        self.request = request
        self.request.backend = backend
        if request.backend != backend {
            leaveModel(capabilities, models)
            if let note = self.request.translateStyle(for: capabilities) { notes.append(note) }
        }
        // Leaving one field out may make another one meaningless.
        for _ in 0..<RequestField.allCases.count {
            let found = self.request.problems(for: capabilities)
            var isChanged = false
            for problem in found where !isChanged { isChanged = leaveOut(problem, capabilities) }
            guard isChanged else {
                problems = found
                return
            }
        }
    }

    private mutating func leaveModel(_ capabilities: GeneratorCapabilities, _ models: [String]) {
        guard let model = request.model, !models.contains(model) else { return }
        if case .choices(let names) = capabilities.support(for: .model), names.contains(model) {
            return
        }
        request.model = nil
        notes.append("--model \(printable(model, limit: 60)): the backend's own is used")
    }

    /// - Returns: whether the request was changed.
    private mutating func leaveOut(
        _ problem: RequestProblem, _ capabilities: GeneratorCapabilities
    ) -> Bool {
        let before = request
        if problem.field == .seeds, capabilities.support(for: .seeds).isSupported,
            request.seeds.count > capabilities.maximumCount
        {
            request.seeds = Array(request.seeds.prefix(max(1, capabilities.maximumCount)))
        } else {
            request.reset(problem.field)
        }
        guard request != before else { return false }
        notes.append(problem.description)
        return true
    }
}
