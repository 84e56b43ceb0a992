import Generation

/// The jobs that wait and run: one at a time per backend, in order.
///
/// A state machine: its methods answer what has to be started or stopped.
public struct JobQueue: Hashable, Sendable {
    /// Running and waiting jobs in order.
    public private(set) var jobs: [Job] = []
    /// Whether waiting jobs stay where they are.
    public private(set) var isPaused = false
    private var nextID = 1
    /// Counts changes of what waits: equal numbers mean that the same jobs wait in the same order.
    public private(set) var revision = 0

    public init() {}

    public var running: [Job] { jobs.filter { !$0.isWaiting } }
    public var waiting: [Job] { jobs.filter(\.isWaiting) }

    public func job(_ id: Job.ID) -> Job? { jobs.first { $0.id == id } }

    /// Appends a request.
    ///
    /// - Returns: the new job's number.
    @discardableResult
    public mutating func append(
        _ request: GenerationRequest, randomSeeds: Int, parent: String? = nil,
        replays: [String] = []
    ) -> Job.ID {
        defer { nextID += 1 }
        revision += 1
        jobs.append(
            Job(
                id: nextID, request: request, randomSeeds: randomSeeds, parent: parent,
                replays: replays))
        return nextID
    }

    /// Marks the jobs as running whose backend is free, and returns them.
    public mutating func startable(at time: Double) -> [Job] {
        guard !isPaused else { return [] }
        var busy = Set(running.map(\.request.backend))
        var started: [Job] = []
        for index in jobs.indices where jobs[index].isWaiting {
            guard busy.insert(jobs[index].request.backend).inserted else { continue }
            jobs[index].phase = .running(Progress(startedAt: time))
            revision += 1
            started.append(jobs[index])
        }
        return started
    }

    /// Takes note of what a running job reports.
    public mutating func update(_ id: Job.ID, _ change: (inout Progress) -> Void) {
        guard let index = jobs.firstIndex(where: { $0.id == id }),
            case .running(var progress) = jobs[index].phase
        else { return }
        change(&progress)
        jobs[index].phase = .running(progress)
    }

    /// Takes note of an entry that a replay begins with.
    public mutating func beginReplay(_ id: Job.ID, at time: Double) {
        guard let index = jobs.firstIndex(where: { $0.id == id }),
            case .running(let old) = jobs[index].phase
        else { return }
        var progress = Progress(startedAt: old.startedAt)
        progress.now = max(old.now, time)
        jobs[index].phase = .running(progress)
    }

    /// Takes note of an entry that a replay is done with.
    public mutating func endReplay(_ id: Job.ID) {
        guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
        jobs[index].replayed = min(jobs[index].replays.count, jobs[index].replayed + 1)
    }

    /// Replaces a job's request by the one that really runs.
    public mutating func resolve(_ id: Job.ID, _ request: GenerationRequest) {
        guard let index = jobs.firstIndex(where: { $0.id == id }) else { return }
        jobs[index].request = request
        jobs[index].randomSeeds = 0
    }

    /// Removes a waiting job, or marks a running one as stopping.
    ///
    /// - Returns: whether the backend has to be told.
    public mutating func cancel(_ id: Job.ID) -> Bool {
        guard let index = jobs.firstIndex(where: { $0.id == id }) else { return false }
        switch jobs[index].phase {
        case .waiting:
            revision += 1
            jobs.remove(at: index)
            return false
        case .running:
            jobs[index].phase = .stopping
            return true
        case .stopping: return false
        }
    }

    /// Removes a job that has ended.
    @discardableResult
    public mutating func remove(_ id: Job.ID) -> Job? {
        guard let index = jobs.firstIndex(where: { $0.id == id }) else { return nil }
        revision += 1
        return jobs.remove(at: index)
    }

    /// Moves a waiting job among the waiting ones, by one place towards the front or the end; jobs
    /// that run keep their places.
    public mutating func move(_ id: Job.ID, earlier: Bool) {
        guard let index = jobs.firstIndex(where: { $0.id == id }), jobs[index].isWaiting else {
            return
        }
        let other =
            earlier
            ? jobs[..<index].lastIndex(where: \.isWaiting)
            : jobs[(index + 1)...].firstIndex(where: \.isWaiting)
        guard let other else { return }
        revision += 1
        jobs.swapAt(index, other)
    }

    /// Holds waiting jobs back, or lets them go on. Running jobs are not touched.
    public mutating func setPaused(_ isPaused: Bool) { self.isPaused = isPaused }
}
