import Generation

/// The jobs that wait and run: in order, as many at a time as each backend takes.
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

    /// Jobs that come back at the next start: those that wait, and replays that are not through.
    public var lasting: [Job] {
        jobs.filter { job in
            guard job.resumes == nil, job.cell == nil else { return false }
            let isUnderWay = job.phase != .stopping && job.replayed < job.replays.count
            return job.isWaiting || isUnderWay
        }
    }

    public func job(_ id: Job.ID) -> Job? { jobs.first { $0.id == id } }

    /// Appends a request.
    ///
    /// - Returns: the new job's number.
    @discardableResult
    public mutating func append(
        _ request: GenerationRequest, randomSeeds: Int, parent: String? = nil,
        replays: [String] = []
    ) -> Job.ID {
        append {
            Job(
                id: $0, request: request, randomSeeds: randomSeeds, parent: parent,
                replays: replays)
        }
    }

    /// Appends the job that is made for the next number.
    ///
    /// - Returns: the new job's number.
    @discardableResult
    public mutating func append(_ make: (Job.ID) -> Job) -> Job.ID {
        defer { nextID += 1 }
        revision += 1
        jobs.append(make(nextID))
        return nextID
    }

    /// Marks the jobs as running whose backend has room, and returns them. What a service has done
    /// already is fetched from a paused queue too.
    ///
    /// - Parameter places: how many jobs a backend runs side by side, by name; 1 where it is absent.
    public mutating func startable(at time: Double, places: [String: Int] = [:]) -> [Job] {
        var busy: [String: Int] = [:]
        for job in running { busy[job.request.backend, default: 0] += 1 }
        var started: [Job] = []
        for index in jobs.indices where jobs[index].isWaiting {
            let backend = jobs[index].request.backend
            guard !isPaused || jobs[index].resumes != nil,
                busy[backend, default: 0] < max(1, places[backend] ?? 1)
            else { continue }
            busy[backend, default: 0] += 1
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
        revision += 1
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
            revision += 1
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
