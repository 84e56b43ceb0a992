import Foundation
import Generation
import Images

/// Version 2: submit, ask the address that the answer names, then fetch what it made.
struct SegmindTaskFlow: RemoteFlow {
    private let job: RemoteJob
    private var statusURL: URL?
    private var responseURL: URL?
    private var expected = 0

    init(job: RemoteJob) { self.job = job }

    private static let name = SegmindFlow.name

    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand] {
        switch event {
        case .start:
            return job.sharedSeedNote(service: Self.name)
                + [.report(.stage(.queued(position: nil))), submit()]
        case .resume(let id):
            let parts = id.split(separator: " ").map(String.init)
            guard parts.count == 2 else {
                throw RemoteError(.notFound, "\"\(id)\" names no task of segmind")
            }
            statusURL = try ownURL(parts[0])
            responseURL = try ownURL(parts[1])
            return job.sharedSeedNote(service: Self.name)
                + [.report(.accepted(taskID: id)), ask("status", statusURL)]
        case .response(let id, let response):
            let credits = Segmind.credits(response).map { [FlowCommand.report(.credits($0))] }
            return try (credits ?? []) + answer(response, to: id)
        case .failure(let id, let error):
            throw RemoteError(error, service: Self.name, mayBeBilled: id == "submit")
        case .timer: return [ask("status", statusURL)]
        default: return []
        }
    }

    private func submit() -> FlowCommand {
        let base = Segmind.asynchronousBase(job.endpoint)
        return .send(
            RemoteCall(
                "submit",
                HTTPRequest(
                    .post, base.url("sdxl-torch"), json: Segmind.body(for: job.request),
                    limits: TransportLimits(totalSeconds: 120)), repetition: .billed))
    }

    private func ask(_ id: CallID, _ url: URL?) -> FlowCommand {
        .send(
            RemoteCall(
                id,
                HTTPRequest(
                    .get, url ?? job.endpoint.base,
                    limits: TransportLimits(idleSeconds: 30, totalSeconds: 120)),
                repetition: .safe))
    }

    private mutating func answer(
        _ response: HTTPResponse, to id: CallID
    ) throws -> [FlowCommand] {
        if id.name.hasPrefix("picture ") { return try downloaded(id, response) }
        let json = response.json
        let status = json?["status"]?.text?.uppercased() ?? ""
        // A task that failed answers with 422 and its usual body.
        if status == "FAILED" {
            let words = json?["error"].flatMap { ServerMessage.text(of: $0) }
            throw RemoteError(
                .failed, "\(Self.name): the job failed: \(words ?? "no reason is given")")
        }
        guard response.isSuccess else {
            throw SegmindFlow.error(response, credits: Segmind.credits(response))
        }
        guard let json, json.members != nil else {
            throw RemoteError(.malformed, "\(Self.name) answered with something that is no JSON")
        }
        switch id {
        case "submit": return try submitted(json)
        case "result": return try finish(json)
        default:
            return status == "COMPLETED"
                ? [ask("result", responseURL)]
                : news(status) + [.wait("poll", job.pollInterval ?? .seconds(1))]
        }
    }

    private func news(_ status: String) -> [FlowCommand] {
        let count = job.request.steps ?? 1
        return status == "PROCESSING"
            ? [.report(.stage(.sampling(step: 0, count: count, image: 0, imageCount: 1)))] : []
    }

    private mutating func submitted(_ json: JSONValue) throws -> [FlowCommand] {
        guard let status = json["status_url"]?.filledText ?? json["poll_url"]?.filledText,
            let response = json["response_url"]?.filledText
        else {
            throw RemoteError(
                .malformed, "\(Self.name) took the job without saying where to ask for it",
                mayBeBilled: true)
        }
        let (statusURL, responseURL) = (try ownURL(status), try ownURL(response))
        self.statusURL = statusURL
        self.responseURL = responseURL
        let taskID = "\(statusURL.absoluteString) \(responseURL.absoluteString)"
        return [
            .report(.accepted(taskID: taskID)), .wait("poll", job.pollInterval ?? .seconds(1)),
        ]
    }

    /// An address that is asked with the key: only on the API's own origin.
    private func ownURL(_ text: String) throws -> URL {
        let url = try ResultAddress(text, from: job.endpoint).url
        guard Origin(url) == job.endpoint.origin else {
            throw RemoteError(
                .untrustedAddress,
                "\(Self.name) sends us to \(printableHost(url)) for the status; the key is not "
                    + "sent there", mayBeBilled: true)
        }
        return url
    }

    private mutating func finish(_ json: JSONValue) throws -> [FlowCommand] {
        let output = json["output"]
        let texts = output?.elements?.compactMap(\.filledText) ?? output?.filledText.map { [$0] }
        guard let texts, !texts.isEmpty else {
            throw RemoteError(.malformed, "\(Self.name) is done, but names no picture")
        }
        expected = texts.count
        var commands: [FlowCommand] = [.report(.stage(.downloading))]
        for (index, text) in texts.enumerated() {
            if !GenerationRequest.isLink(text), let bytes = Base64Picture.bytes(text) {
                commands += delivered(index, bytes)
            } else {
                let address = try ResultAddress(text, from: job.endpoint)
                commands.append(.send(.download("picture \(index)", address)))
            }
        }
        return commands
    }

    private mutating func downloaded(
        _ id: CallID, _ response: HTTPResponse
    ) throws -> [FlowCommand] {
        guard let index = Int(id.name.dropFirst("picture ".count)) else { return [] }
        try Downloads.check(response, service: Self.name)
        return delivered(index, response.body)
    }

    private mutating func delivered(_ index: Int, _ bytes: [UInt8]) -> [FlowCommand] {
        expected -= 1
        let seed = index == 0 ? job.request.seeds.first : nil
        let picture = RemotePicture(index: index, seed: seed, bytes: bytes)
        return [.report(.picture(picture))] + (expected == 0 ? [.finish] : [])
    }
}
