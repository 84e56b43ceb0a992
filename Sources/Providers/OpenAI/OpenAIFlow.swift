import Generation
import Images

/// One blocking call; pictures inside the answer, or fetched from where it says.
struct OpenAIFlow: RemoteFlow {
    private let job: RemoteJob
    private let title = "OpenAI images"
    private var awaited: Set<CallID> = []

    init(_ job: RemoteJob) { self.job = job }

    mutating func handle(_ event: FlowEvent) throws -> [FlowCommand] {
        switch event {
        case .start:
            let warning = FlowCommand.report(
                .warning("<sd_cpp_extra_args> was taken out of the prompt"))
            let isCut = ServerPrompt(job.request).hasLostArguments
            return (isCut ? [warning] : []) + [.send(try OpenAIMapping(job: job).call())]
        case .resume:
            throw RemoteError(.notFound, "\(title) keeps no tasks: the result cannot be fetched")
        case .response("picture", let response): return try received(response)
        case .response(let id, let response): return try downloaded(id, response)
        case .failure("picture", let error):
            throw RemoteError(error, service: title, mayBeBilled: true)
        case .failure(_, let error):
            throw RemoteError(error, service: title, mayBeBilled: false)
        default: return []
        }
    }

    private mutating func received(_ response: HTTPResponse) throws -> [FlowCommand] {
        guard response.isSuccess else { throw RemoteError(status: response, service: title) }
        guard let entries = response.json?["data"]?.elements else {
            throw RemoteError(.malformed, "\(title): the answer holds no list of pictures")
        }
        guard !entries.isEmpty else {
            throw RemoteError(.failed, "\(title): the answer's list of pictures is empty")
        }
        var commands: [FlowCommand] = []
        for (index, entry) in entries.enumerated() {
            if let text = entry["b64_json"]?.filledText {
                commands.append(
                    .report(
                        .picture(
                            RemotePicture(
                                index: index, seed: nil,
                                bytes: try EncodedPicture.bytes(text, service: title)))))
            } else if let link = entry["url"]?.filledText {
                let address = try ResultAddress(link, from: job.endpoint)
                let call = RemoteCall.download(CallID("download \(index)"), address)
                awaited.insert(call.id)
                commands.append(.send(call))
            } else {
                throw RemoteError(.malformed, "\(title): a picture has neither data nor address")
            }
        }
        return commands + (awaited.isEmpty ? [.finish] : [])
    }

    private mutating func downloaded(
        _ id: CallID, _ response: HTTPResponse
    ) throws -> [FlowCommand] {
        guard awaited.remove(id) != nil, let index = Int(id.name.dropFirst(9)) else { return [] }
        try Downloads.check(response, service: title)
        let picture = RemotePicture(index: index, seed: nil, bytes: response.body)
        return [.report(.picture(picture))] + (awaited.isEmpty ? [.finish] : [])
    }
}
