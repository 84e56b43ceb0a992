import Foundation
import Generation
import Images

/// Requests as `images/generations` and `images/edits` take them.
struct OpenAIMapping: Sendable {
    let job: RemoteJob

    private var request: GenerationRequest { job.request }

    /// A route below `/v1`, which a base address may end with already.
    static func url(_ endpoint: Endpoint, _ path: String...) -> URL {
        let hasVersion = endpoint.base.path.hasSuffix("/v1")
        return endpoint.url(path: (hasVersion ? [] : ["v1"]) + path)
    }

    /// The one call.
    func call() -> RemoteCall {
        let request = self.request.initImage == nil ? generation : edit
        return RemoteCall("picture", request, repetition: .billed)
    }

    private var generation: HTTPRequest {
        var body = JSONBody()
        body.set("model", request.model)
        body.set("prompt", prompt)
        body.set("size", size)
        body.set(
            extras: OpenAIImages.extras.filter { $0.name != "sd_cpp_extra_args" }, of: request)
        return HTTPRequest(
            .post, Self.url(job.endpoint, "images", "generations"), json: body,
            limits: job.blockingLimits)
    }

    private var edit: HTTPRequest {
        var form = MultipartBody(boundary: "latent-\(job.uniqueID)")
        if let model = request.model { form.add("model", model) }
        form.add("prompt", prompt)
        if let size { form.add("size", size) }
        for field in OpenAIImages.extras where field.name != "sd_cpp_extra_args" {
            if let value = request.extras[field.name] { form.add(field.name, value) }
        }
        for (name, path) in [("image[]", request.initImage), ("mask", request.maskImage)] {
            guard let path, let bytes = job.files[path]?.bytes else { continue }
            let kind = PictureKind.of(bytes)
            let file = name == "mask" ? "mask" : "image"
            form.add(name, file: "\(file).\(kind.ending)", type: kind.type, bytes)
        }
        return HTTPRequest(
            Self.url(job.endpoint, "images", "edits"), form: form, limits: job.blockingLimits)
    }

    /// The prompt; settings for stable-diffusion.cpp ride in it when they were asked for.
    private var prompt: String {
        let text = ServerPrompt(request).text
        guard let arguments = request.extras["sd_cpp_extra_args"] else { return text }
        return "\(text) <sd_cpp_extra_args>\(arguments)</sd_cpp_extra_args>"
    }

    private var size: String? {
        guard let width = request.width, let height = request.height else { return nil }
        return "\(width)x\(height)"
    }
}
