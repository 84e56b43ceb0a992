import Generation

/// What `generate --json` prints.
struct GenerationReport: Encodable {
    /// How the job stands.
    enum Status: String, Encodable {
        case finished
        /// `--dry-run`: nothing was generated.
        case planned
        /// `--no-wait`: a remote backend works on it.
        case submitted
    }

    /// A picture that a dry run would write.
    struct PlannedPicture: Encodable {
        let path: String
        let seed: UInt64
    }

    var id: String
    var status: Status
    var backend: String
    var request: GenerationRequest
    var images: [SavedPicture]?
    var plannedImages: [PlannedPicture]?
    var timing: GenerationSummary.Timing?
    var peakMemoryBytes: Int?
    var modelHashes: [String: String]?
    var warnings: [String]?
    var taskID: String?
    var remainingCredits: Double?

    /// A finished or submitted job.
    init(id: String, result: GenerationResult) {
        self.id = id
        status = result.acceptedTaskID != nil && result.pictures.isEmpty ? .submitted : .finished
        backend = result.request.backend
        request = result.request
        images = result.pictures
        timing = result.summary.timing
        peakMemoryBytes = result.summary.peakMemoryBytes
        if !result.summary.modelHashes.isEmpty { modelHashes = result.summary.modelHashes }
        let all = result.warnings + result.misplaced
        if !all.isEmpty { warnings = all }
        taskID = result.acceptedTaskID
        remainingCredits = result.summary.remainingCredits
    }

    /// A dry run; `memory` is the estimated peak in bytes.
    init(
        planned job: GenerationJob, plan: OutputPlan, memory: Int? = nil, warnings: [String] = []
    ) {
        peakMemoryBytes = memory
        id = plan.id
        status = .planned
        backend = job.request.backend
        request = job.request
        plannedImages = zip(plan.paths, job.request.seeds).map {
            PlannedPicture(path: $0, seed: $1)
        }
        let all = job.warnings + warnings
        if !all.isEmpty { self.warnings = all }
    }
}
