import Foundation

/// A `multipart/form-data` body (RFC 7578).
struct MultipartBody: Hashable, Sendable {
    private var parts: [UInt8] = []
    private let boundary: String

    /// - Parameter boundary: letters, digits and hyphens that no part contains.
    init(boundary: String) { self.boundary = boundary }

    var contentType: String { "multipart/form-data; boundary=\(boundary)" }

    var bytes: [UInt8] { parts + Array("--\(boundary)--\r\n".utf8) }

    /// Adds a text field.
    mutating func add(_ name: String, _ text: String) {
        open("name=\"\(name)\"")
        parts += Array("\r\n\(text)\r\n".utf8)
    }

    /// Adds a file; its name holds no quotes.
    mutating func add(_ name: String, file: String, type: String, _ bytes: [UInt8]) {
        open("name=\"\(name)\"; filename=\"\(file)\"")
        parts += Array("Content-Type: \(type)\r\n\r\n".utf8)
        parts += bytes
        parts += Array("\r\n".utf8)
    }

    private mutating func open(_ disposition: String) {
        parts += Array(
            "--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n".utf8)
    }
}

extension HTTPRequest {
    /// A POST of a form.
    init(_ url: URL, form: MultipartBody, limits: TransportLimits) {
        self.init(.post, url, headers: ["Content-Type": form.contentType], limits: limits)
        body = .bytes(form.bytes)
    }
}

/// What the first bytes of a picture say about its kind.
enum PictureKind {
    /// The media type and the usual ending.
    static func of(_ bytes: [UInt8]) -> (type: String, ending: String) {
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return ("image/jpeg", "jpg") }
        if bytes.starts(with: Array("RIFF".utf8)) { return ("image/webp", "webp") }
        return ("image/png", "png")
    }
}
