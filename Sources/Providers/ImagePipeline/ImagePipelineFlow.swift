import Generation
import Images

/// Submit, ask for the status until it is SUCCESS or FAILURE, fetch every link.
struct ImagePipelineFlow: RemoteFlow {
    private let job: RemoteJob
    private var taskID: String?
    private var pictures: [Int: [UInt8]] = [:]
    private var expected = 0

    init(job: RemoteJob) { self.job = job }

    private static let name = "imagepipeline.io"
    private var operation: String { ImagePipeline.operation(of: job.request) }

    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand] {
        switch event {
        case .start:
            return job.sharedSeedNote(service: Self.name)
                + [.report(.stage(.queued(position: nil))), submit()]
        case .resume(let id):
            taskID = id
            return job.sharedSeedNote(service: Self.name)
                + [.report(.accepted(taskID: id)), ask()]
        case .response("submit", let response), .response("status", let response):
            return try take(response)
        case .response(let id, let response): return try downloaded(id, response)
        case .failure(let id, let error):
            throw RemoteError(error, service: Self.name, mayBeBilled: id == "submit")
        case .timer: return [ask()]
        default: return []
        }
    }

    private func submit() -> FlowCommand {
        .send(
            RemoteCall(
                "submit",
                HTTPRequest(
                    .post, job.endpoint.url("sdxl", operation, "v1"),
                    json: ImagePipeline.body(for: job.request),
                    limits: TransportLimits(totalSeconds: 120, bodyBytes: 8 << 20)),
                repetition: .billed))
    }

    private func ask() -> FlowCommand {
        let url = job.endpoint.url("sdxl", operation, "v1", "status", taskID ?? "")
        return .send(
            RemoteCall("status", HTTPRequest(.get, url, limits: .brief), repetition: .safe))
    }

    private mutating func take(_ response: HTTPResponse) throws -> [FlowCommand] {
        let json = response.json
        let status = json?["status"]?.text?.uppercased()
        if status == "FAILURE" || status == "FAILED" {
            throw RemoteError(.failed, "\(Self.name): the job failed: \(Self.reason(json))")
        }
        guard response.isSuccess else { throw RemoteError(status: response, service: Self.name) }
        guard let json, json.members != nil else {
            throw RemoteError(.malformed, "\(Self.name) answered with something that is no JSON")
        }
        if status == "SUCCESS" || status == "COMPLETED" { return try finish(json) }
        var commands: [FlowCommand] = []
        if taskID == nil {
            let id = json["id"]?.filledText ?? json["id"]?.integer.map { String($0) }
            guard let id else {
                throw RemoteError(
                    .malformed, "\(Self.name) took the job without naming it", mayBeBilled: true)
            }
            taskID = id
            commands.append(.report(.accepted(taskID: id)))
        }
        return commands + [.wait("poll", job.pollInterval ?? .seconds(2))]
    }

    private mutating func finish(_ json: JSONValue) throws -> [FlowCommand] {
        let named = json["download_urls"] ?? json["download_url"]
        let links =
            named?.elements?.compactMap(\.filledText) ?? named?.filledText.map { [$0] } ?? []
        guard !links.isEmpty else {
            throw RemoteError(.malformed, "\(Self.name) is done, but names no picture")
        }
        let addresses = try links.map { try ResultAddress($0, from: job.endpoint) }
        expected = addresses.count
        var commands: [FlowCommand] = [.report(.stage(.downloading))]
        if taskID == nil, let id = json["id"]?.filledText {
            commands.insert(.report(.accepted(taskID: id)), at: 0)
        }
        if links.count < job.request.seeds.count {
            commands.append(
                .report(
                    .warning(
                        "\(Self.name) made \(links.count) of \(job.request.seeds.count) pictures"))
            )
        }
        return commands
            + addresses.enumerated().map { .send(.download("picture \($0)", $1)) }
    }

    private mutating func downloaded(
        _ id: CallID, _ response: HTTPResponse
    ) throws -> [FlowCommand] {
        guard let index = Int(id.name.dropFirst("picture ".count)) else { return [] }
        try Downloads.check(response, service: Self.name)
        expected -= 1
        // Which seed made the further ones, nobody says.
        let seed = index == 0 ? job.request.seeds.first : nil
        let picture = RemotePicture(index: index, seed: seed, bytes: response.body)
        return [.report(.picture(picture))] + (expected == 0 ? [.finish] : [])
    }

    /// The words of a failure: under a usual key, or any text that is left.
    private static func reason(_ json: JSONValue?) -> String {
        for key in ["error", "message", "detail", "error_message", "reason"] {
            if let text = json?[key].flatMap({ ServerMessage.text(of: $0) }) { return text }
        }
        let rest = (json?.members ?? [:]).filter { $0.key != "status" && $0.key != "id" }
            .sorted { $0.key < $1.key }.compactMap { $0.value.filledText }
        return rest.first ?? "no reason is given"
    }
}
