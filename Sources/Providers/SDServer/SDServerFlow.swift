import Generation
import Images

/// Asks for capabilities, submits one job per run of seeds, then polls them in turn.
struct SDServerFlow: RemoteFlow {
    /// A job of the server.
    private struct Submitted: Hashable, Sendable {
        let id: String
        /// The index of its first picture and how many it makes.
        let first: Int
        let count: Int
    }

    private let job: RemoteJob
    private let title = "sd-server"
    private var findings: SDServerFindings?
    private var runs: [(first: UInt64, count: Int)] = []
    private var submitted: [Submitted] = []
    private var current = 0
    private var hasStarted = false
    private var failure: RemoteError?

    init(_ job: RemoteJob) { self.job = job }

    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand] {
        switch event {
        case .start: return begin()
        case .resume(let taskID): return try resume(taskID)
        case .response("capabilities", let response): return try described(response)
        case .response("submit", let response): return try accepted(response)
        case .response("status", let response): return try polled(response)
        case .timer("poll"): return [.send(statusCall)]
        case .failure(let id, let error):
            guard !id.name.hasPrefix("cancel") else { return try cancelled() }
            throw RemoteError(error, service: title, mayBeBilled: false)
        case .response(let id, _): return id.name.hasPrefix("cancel") ? try cancelled() : []
        case .cancel: return cancelCalls()
        default: return []
        }
    }

    private var pace: Duration { job.pollInterval ?? .seconds(1) }

    private func begin() -> [FlowCommand] {
        var commands: [FlowCommand] = []
        if ServerPrompt(job.request).hasLostArguments {
            commands.append(
                .report(.warning("<sd_cpp_extra_args> was taken out of the prompt")))
        }
        if !job.request.controls.isEmpty {
            commands.append(
                .report(.warning("sd-server uses the ControlNet that it was started with")))
        }
        return commands + [.send(call("capabilities", .get, ["capabilities"], .safe))]
    }

    private mutating func described(_ response: HTTPResponse) throws -> [FlowCommand] {
        guard response.isSuccess else { throw RemoteError(status: response, service: title) }
        guard let json = response.json, json.members != nil else {
            throw RemoteError(.malformed, "\(title) describes itself in no way that is known")
        }
        let findings = try SDServerFindings(json, for: job.request)
        self.findings = findings
        runs = job.request.seedRuns(longest: findings.longestBatch)
        return try submit()
    }

    private func submit() throws -> [FlowCommand] {
        guard let findings, submitted.count < runs.count else { return [] }
        let run = runs[submitted.count]
        let body = SDServerMapping(job: job, findings: findings)
            .body(seed: run.first, count: run.count)
        var submission = call("submit", .post, ["img_gen"], .billed)
        submission.request = HTTPRequest(.post, submission.request.url, json: body, limits: .brief)
        return [.send(submission)]
    }

    private mutating func accepted(_ response: HTTPResponse) throws -> [FlowCommand] {
        guard response.isSuccess else {
            return try end(with: RemoteError(status: response, service: title))
        }
        guard let id = response.json?["id"]?.filledText else {
            throw RemoteError(.malformed, "\(title) took a job without naming it")
        }
        let first = submitted.reduce(0) { $0 + $1.count }
        submitted.append(Submitted(id: id, first: first, count: runs[submitted.count].count))
        if submitted.count < runs.count { return try submit() }
        return [
            .report(.accepted(taskID: taskID)), .report(.stage(.queued(position: nil))),
            .wait("poll", pace),
        ]
    }

    /// `id*count` of every job.
    private var taskID: String {
        submitted.map { "\($0.id)*\($0.count)" }.joined(separator: ",")
    }

    private mutating func resume(_ taskID: String) throws -> [FlowCommand] {
        var first = 0
        for part in taskID.split(separator: ",") {
            let pieces = part.split(separator: "*").map(String.init)
            let count = pieces.count > 1 ? Int(pieces[1]) ?? 1 : 1
            submitted.append(Submitted(id: pieces[0], first: first, count: count))
            first += count
        }
        guard !submitted.isEmpty else {
            throw RemoteError(.notFound, "No task of \(title) is named")
        }
        return [.send(statusCall)]
    }

    // MARK: Following

    private var statusCall: RemoteCall {
        var status = call("status", .get, ["jobs", submitted[current].id], .safe)
        status.request.limits.bodyBytes = 256 << 20
        status.request.limits.totalSeconds = 300
        return status
    }

    private mutating func polled(_ response: HTTPResponse) throws -> [FlowCommand] {
        guard response.isSuccess, let json = response.json else {
            throw RemoteError(status: response, service: title)
        }
        switch json["status"]?.text {
        case "queued":
            let position = json["queue_position"]?.integer
            return [.report(.stage(.queued(position: position))), .wait("poll", pace)]
        case "completed": return try completed(json)
        case "failed", "cancelled":
            let words = json["error"].flatMap { ServerMessage.text(of: $0) } ?? "no reason given"
            let isStopped = json["status"]?.text == "cancelled"
            return try end(
                with: RemoteError(
                    isStopped ? .stopped : .failed,
                    isStopped
                        ? "Somebody stopped the work at \(title)" : "\(title) failed: \(words)"))
        default: return started() + [.wait("poll", pace)]
        }
    }

    /// The server reports no steps: the start of sampling is all there is to show.
    private mutating func started() -> [FlowCommand] {
        guard !hasStarted else { return [] }
        hasStarted = true
        let stage = Stage.sampling(
            step: 0, count: job.request.steps ?? 1, image: submitted[current].first,
            imageCount: max(1, job.request.seeds.count))
        return [.report(.stage(stage))]
    }

    private mutating func completed(_ json: JSONValue) throws -> [FlowCommand] {
        let images = json["result"]?["images"]?.elements ?? []
        guard !images.isEmpty else {
            return try end(with: RemoteError(.failed, "\(title) finished without a picture"))
        }
        let run = submitted[current]
        let seeds = job.request.seeds
        let pictures = try images.enumerated().map { offset, image -> FlowCommand in
            let index = run.first + (image["index"]?.integer ?? offset)
            let bytes = try EncodedPicture.bytes(image["b64_json"]?.text, service: title)
            let seed = seeds.indices.contains(index) ? seeds[index] : nil
            return .report(.picture(RemotePicture(index: index, seed: seed, bytes: bytes)))
        }
        current += 1
        hasStarted = false
        return pictures + [current < submitted.count ? .send(statusCall) : .finish]
    }

    // MARK: Ends

    /// Fails, and cancels the jobs that still wait first.
    private mutating func end(with error: RemoteError) throws -> [FlowCommand] {
        let hasSubmittedAll = submitted.count == runs.count || runs.isEmpty
        let rest = submitted.dropFirst(hasSubmittedAll ? current + 1 : current)
        guard failure == nil, !rest.isEmpty else { throw failure ?? error }
        failure = error
        pendingCancels = rest.count
        return [.stop("poll")] + rest.map { .send(cancelCall($0.id)) }
    }

    private var pendingCancels = 0

    private mutating func cancelled() throws -> [FlowCommand] {
        pendingCancels -= 1
        guard let failure, pendingCancels <= 0 else { return [] }
        throw failure
    }

    private func cancelCalls() -> [FlowCommand] {
        submitted.dropFirst(current).map { .send(cancelCall($0.id)) }
    }

    private func cancelCall(_ id: String) -> RemoteCall {
        call(CallID("cancel \(id)"), .post, ["jobs", id, "cancel"], .safe)
    }

    private func call(
        _ id: CallID, _ method: HTTPRequest.Method, _ path: [String],
        _ repetition: RemoteCall.Repetition
    ) -> RemoteCall {
        let url = job.endpoint.url(path: ["sdcpp", "v1"] + path)
        return RemoteCall(id, HTTPRequest(method, url, limits: .brief), repetition: repetition)
    }
}
