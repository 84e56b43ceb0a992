import Foundation
import Generation
import Images

/// The requests of ComfyUI's routes.
struct ComfyCalls: Sendable {
    let job: RemoteJob

    private var endpoint: Endpoint { job.endpoint }

    /// Nobody sees more than twenty steps a second; what several nodes say of a step is said twice.
    private static let rules: [String: MessageRules.Rule] = [
        "progress": .newest(every: .milliseconds(50)), "progress_state": .never, "status": .never,
        "execution_cached": .never, "executed": .never,
    ]

    func description(of type: String) -> RemoteCall {
        var description = call(CallID("info \(type)"), .get, ["object_info", type])
        // The jobs of a sweep follow each other closely; a model that was just added is found soon.
        description.freshness = .seconds(5)
        return description
    }

    /// Sends a picture; the server may give it another name.
    func upload(_ path: String, number: Int) -> RemoteCall {
        let bytes = job.files[path]?.bytes ?? []
        let kind = PictureKind.of(bytes)
        var form = MultipartBody(boundary: "latent-\(job.uniqueID)")
        form.add(
            "image", file: "\(job.uniqueID)-\(number).\(kind.ending)", type: kind.type, bytes)
        form.add("type", "input")
        form.add("subfolder", "latent")
        form.add("overwrite", "true")
        var limits = TransportLimits.brief
        limits.totalSeconds = 300
        let request = HTTPRequest(endpoint.url("upload", "image"), form: form, limits: limits)
        return RemoteCall(CallID("upload \(path)"), request, repetition: .safe)
    }

    func socket() -> RemoteCall {
        let url = endpoint.url("ws", query: [("clientId", job.uniqueID)])
        var limits = TransportLimits()
        limits.idleSeconds = Double(job.deadline.components.seconds)
        var request = HTTPRequest(.get, url, limits: limits)
        request.messages.texts = Self.rules
        request.messages.pause = .milliseconds(15)
        // A workflow of one's own may send its pictures this way.
        if job.request.extras["workflow"] == nil {
            request.messages.binary =
                job.wantsPreviews ? .newest(every: .milliseconds(200)) : .never
        }
        return RemoteCall("socket", request, repetition: .safe)
    }

    func queue(_ graph: JSONValue, id: String, index: Int) -> RemoteCall {
        var body = JSONBody()
        body.set("prompt", graph)
        body.set("client_id", job.uniqueID)
        body.set("prompt_id", id)
        let names = ["front", "number", "extra_data", "partial_execution_targets"]
        body.set(extras: ComfyUI.extras.filter { names.contains($0.name) }, of: job.request)
        let request = HTTPRequest(.post, endpoint.url("prompt"), json: body, limits: .brief)
        return RemoteCall(CallID("queue \(index)"), request, repetition: .billed)
    }

    func history(_ id: String, _ name: CallID = "history") -> RemoteCall {
        var history = call(name, .get, ["history", id])
        history.request.limits.bodyBytes = 64 << 20
        return history
    }

    func waiting(_ id: CallID = "waiting") -> RemoteCall {
        var waiting = call(id, .get, ["queue"])
        waiting.request.limits.bodyBytes = 64 << 20
        return waiting
    }

    func view(_ file: ComfyHistory.File, number: Int) -> RemoteCall {
        let url = endpoint.url(
            "view",
            query: [
                ("filename", file.name), ("subfolder", file.subfolder), ("type", file.type),
            ])
        return RemoteCall(CallID("view \(number)"), HTTPRequest(.get, url), repetition: .safe)
    }

    /// Takes prompts out of the queue.
    func delete(_ ids: [String]) -> RemoteCall {
        var body = JSONBody()
        body.set("delete", .array(ids.map { .string($0) }))
        let request = HTTPRequest(.post, endpoint.url("queue"), json: body, limits: .brief)
        return RemoteCall("delete", request, repetition: .safe)
    }

    /// Stops a prompt that runs.
    func interrupt(_ id: String) -> RemoteCall {
        var body = JSONBody()
        body.set("prompt_id", id)
        let request = HTTPRequest(.post, endpoint.url("interrupt"), json: body, limits: .brief)
        return RemoteCall("interrupt", request, repetition: .safe)
    }

    private func call(_ id: CallID, _ method: HTTPRequest.Method, _ path: [String]) -> RemoteCall {
        RemoteCall(
            id, HTTPRequest(method, endpoint.url(path: path), limits: .brief), repetition: .safe)
    }
}
