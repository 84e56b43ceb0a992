import Generation

/// A service's names of samplers, both ways: one table per service.
struct ServiceSamplers: Sendable {
    /// One name of the service and what it means here.
    struct Row: Sendable {
        let name: String
        let sampler: Sampler
        let schedule: Schedule

        init(_ name: String, _ sampler: Sampler, _ schedule: Schedule = .default) {
            self.name = name
            self.sampler = sampler
            self.schedule = schedule
        }
    }

    /// The first row of a meaning is the one that is written.
    let rows: [Row]

    init(_ rows: [Row]) { self.rows = rows }

    /// The service's name, nil where it has none for this.
    func name(_ sampler: Sampler, _ schedule: Schedule = .default) -> String? {
        rows.first { $0.sampler == sampler && $0.schedule == schedule }?.name
    }

    /// What a name of the service means here.
    func meaning(of name: String) -> (sampler: Sampler, schedule: Schedule)? {
        rows.first { $0.name.lowercased() == name.lowercased() }.map { ($0.sampler, $0.schedule) }
    }

    /// Samplers that can be asked for, as a field's choices.
    var samplers: FieldSupport {
        var names: [String] = []
        for row in rows where !names.contains(row.sampler.rawValue) {
            names.append(row.sampler.rawValue)
        }
        return .choices(names)
    }

    /// Schedules that can be asked for with some sampler.
    var schedules: FieldSupport {
        .choices(
            Schedule.allCases.filter { schedule in rows.contains { $0.schedule == schedule } }
                .map(\.rawValue))
    }

    /// A sampler and a schedule that exist, but not together.
    func problems(of request: GenerationRequest, service: String) -> [RequestProblem] {
        guard let sampler = request.sampler else {
            guard request.schedule != .default else { return [] }
            return [
                RequestProblem(
                    field: .schedule, value: request.schedule.rawValue,
                    reason: "\(service) takes a schedule with --sampler only")
            ]
        }
        let known = rows.filter { $0.sampler == sampler }.map(\.schedule.rawValue)
        guard !known.isEmpty, !known.contains(request.schedule.rawValue) else { return [] }
        return [
            RequestProblem(
                field: .schedule, value: request.schedule.rawValue,
                reason: "with \(sampler.rawValue), \(service) has "
                    + known.joined(separator: ", "))
        ]
    }
}
