import Foundation
import Generation
import Images

/// One call; the answer is a picture, JSON with pictures in base64, or base64 alone.
struct SegmindFlow: RemoteFlow {
    private let job: RemoteJob
    static let name = "segmind"

    init(job: RemoteJob) { self.job = job }

    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand] {
        switch event {
        case .start:
            return job.sharedSeedNote(service: Self.name) + [
                .report(.stage(.queued(position: nil))),
                .send(
                    RemoteCall(
                        "generate",
                        HTTPRequest(
                            .post, job.endpoint.url("sdxl-torch"),
                            json: Segmind.body(for: job.request), limits: job.blockingLimits),
                        repetition: .billed)),
            ]
        case .resume:
            throw RemoteError(.refused, "A blocking call to segmind cannot be taken up again")
        case .response(_, let response): return try finish(response)
        case .failure(_, let error):
            throw RemoteError(error, service: Self.name, mayBeBilled: true)
        default: return []
        }
    }

    private func finish(_ response: HTTPResponse) throws -> [FlowCommand] {
        let credits = Segmind.credits(response)
        guard response.isSuccess else {
            throw Self.error(response, credits: credits)
        }
        let pictures = try Self.pictures(in: response)
        var commands: [FlowCommand] = credits.map { [.report(.credits($0))] } ?? []
        if pictures.count < job.request.seeds.count {
            commands.append(
                .report(
                    .warning(
                        "segmind made \(pictures.count) of \(job.request.seeds.count) pictures")))
        }
        for (index, bytes) in pictures.enumerated() {
            // Which seed made the further ones, nobody says.
            let seed = index == 0 ? job.request.seeds.first : nil
            commands.append(
                .report(.picture(RemotePicture(index: index, seed: seed, bytes: bytes))))
        }
        return commands + [.finish]
    }

    static func error(_ response: HTTPResponse, credits: Double?) -> RemoteError {
        var error = RemoteError(status: response, service: name)
        if response.status == 404 { error.hint = "check the base URL: segmind's ends in /v1" }
        if let credits {
            error.summary +=
                "; \(credits.formatted(.number.locale(Locale(identifier: "en_US_POSIX")).grouping(.never))) credits are left"
        }
        return error
    }

    /// Pictures in a successful answer, decided by the body and not by what it is called.
    static func pictures(in response: HTTPResponse) throws -> [[UInt8]] {
        if Downloads.isPicture(response.body) { return [response.body] }
        if let json = response.json {
            let found = pictures(in: json)
            guard !found.isEmpty else {
                let words = ServerMessage.text(of: json).map { ": \($0)" } ?? ""
                throw RemoteError(.malformed, "\(name) sent no picture\(words)")
            }
            return found
        }
        if let bytes = Base64Picture.bytes(response.text) { return [bytes] }
        throw RemoteError(.malformed, "\(name) answered with something that is no picture")
    }

    private static func pictures(in json: JSONValue) -> [[UInt8]] {
        if let text = json.filledText { return Base64Picture.bytes(text).map { [$0] } ?? [] }
        if let elements = json.elements { return elements.flatMap { pictures(in: $0) } }
        for key in ["image", "images", "output", "data"] {
            if let member = json[key] {
                let found = pictures(in: member)
                if !found.isEmpty { return found }
            }
        }
        return []
    }
}
