import Foundation
import Generation
import Images

/// One call; pictures come in base64, or not at all when they were removed for safety.
struct OctoAIFlow: RemoteFlow {
    private let job: RemoteJob

    init(job: RemoteJob) { self.job = job }

    private static let name = "OctoAI"

    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand] {
        switch event {
        case .start:
            return [
                .report(.stage(.queued(position: nil))),
                .send(
                    RemoteCall(
                        "generate",
                        HTTPRequest(
                            .post, job.endpoint.url("generate", "sdxl"),
                            json: try OctoAIMapping.body(for: job), limits: job.blockingLimits),
                        repetition: .billed)),
            ]
        case .resume:
            throw RemoteError(.refused, "A blocking call to OctoAI cannot be taken up again")
        case .response(_, let response): return try finish(response)
        case .failure(_, let error):
            throw RemoteError(error, service: Self.name, mayBeBilled: true)
        default: return []
        }
    }

    private func finish(_ response: HTTPResponse) throws -> [FlowCommand] {
        guard response.isSuccess else { throw RemoteError(status: response, service: Self.name) }
        guard let json = response.json else {
            throw RemoteError(.malformed, "\(Self.name) answered with something that is no JSON")
        }
        guard let images = json["images"]?.elements, !images.isEmpty else {
            throw RemoteError(.malformed, "\(Self.name) sent no pictures")
        }
        var commands: [FlowCommand] = []
        var removed = 0
        for (index, image) in images.enumerated() {
            let isRemoved = image["removed_for_safety"]?.truth ?? false
            guard let text = image["image_b64"]?.filledText, !isRemoved else {
                removed += 1
                continue
            }
            guard let bytes = Base64Picture.bytes(text) else {
                throw RemoteError(.malformed, "\(Self.name) sent a picture that is none")
            }
            commands.append(
                .report(
                    .picture(
                        RemotePicture(
                            index: index, seed: image["seed"]?.unsigned ?? seed(index),
                            bytes: bytes, isFlagged: false))))
        }
        guard removed < images.count else { throw Self.allRemoved(removed) }
        if removed > 0 {
            commands.append(
                .report(
                    .warning("\(Self.name) removed \(removed) of \(images.count) for safety")))
        }
        return commands + [.finish]
    }

    /// What was asked for, where the answer does not say.
    private func seed(_ index: Int) -> UInt64? {
        job.request.seeds.indices.contains(index) ? job.request.seeds[index] : nil
    }

    private static func allRemoved(_ count: Int) -> RemoteError {
        RemoteError(
            .withheld,
            count == 1
                ? "\(name) removed the picture for safety"
                : "\(name) removed all \(count) pictures for safety",
            hint: "change the prompt; the work is billed all the same", mayBeBilled: true)
    }
}
