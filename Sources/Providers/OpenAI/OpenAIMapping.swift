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
    ///
    /// - Throws: ``ImageError`` when the mask is no picture.
    func call() throws -> RemoteCall {
        let request = self.request.initImage == nil ? generation : try edit()
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

    private func edit() throws -> HTTPRequest {
        var form = MultipartBody(boundary: "latent-\(job.uniqueID)")
        if let model = request.model { form.add("model", model) }
        form.add("prompt", prompt)
        if let size { form.add("size", size) }
        for field in OpenAIImages.extras where field.name != "sd_cpp_extra_args" {
            if let value = request.extras[field.name] { form.add(field.name, value) }
        }
        let picture = request.initImage.flatMap { job.files[$0]?.bytes } ?? []
        let kind = PictureKind.of(picture)
        form.add("image[]", file: "image.\(kind.ending)", type: kind.type, picture)
        if let mask = request.maskImage.flatMap({ job.files[$0]?.bytes }) {
            let bytes = try Self.editMask(mask, for: picture)
            form.add("mask", file: "mask.png", type: "image/png", bytes)
        }
        return HTTPRequest(
            Self.url(job.endpoint, "images", "edits"), form: form, limits: job.blockingLimits)
    }

    /// A mask that is white where it repaints, as this API wants it: a PNG of the picture's size
    /// that is transparent there. Its colour stays white there, because stable-diffusion.cpp reads
    /// the colour and not the transparency.
    private static func editMask(_ mask: [UInt8], for picture: [UInt8]) throws -> [UInt8] {
        let gray = GrayImage(try PixelImage(decoding: mask, alpha: .overBlack))
        // A picture that is not read here (WebP) leaves the mask at its own size.
        guard ImageFormat(firstBytes: picture.prefix(16)) != nil else {
            return try PNGCodec.encode(transparentWhere: gray)
        }
        let size = try PixelImage(decoding: picture)
        guard gray.width != size.width || gray.height != size.height else {
            return try PNGCodec.encode(transparentWhere: gray)
        }
        return try PNGCodec.encode(
            transparentWhere: gray.resampled(width: size.width, height: size.height))
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
