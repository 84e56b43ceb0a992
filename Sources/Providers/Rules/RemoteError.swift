import Foundation
import Generation
import Images

/// Why a remote job failed.
public struct RemoteError: ResumableError, Hashable {
    /// The classes that a person, a queue or a group treats differently.
    public enum Kind: String, Hashable, Sendable, Codable {
        /// The key is missing, wrong or without the right.
        case key
        /// No money left.
        case credits
        /// The service refuses the request as it is.
        case refused
        /// No such route, model, task or file.
        case notFound
        /// Too many requests.
        case limited
        /// The service failed.
        case service
        /// The task ended without a picture.
        case failed
        /// Somebody stopped the task at the service.
        case stopped
        /// The answer makes no sense.
        case malformed
        /// An address that is not followed.
        case untrustedAddress
        /// No answer: see ``TransportError``.
        case connection
        /// The deadline passed.
        case timedOut
        /// The service withheld every picture.
        case withheld
    }

    public var kind: Kind
    public var summary: String
    public var hint: String?
    /// Whether work may have been done and billed, so that repeating may cost twice.
    public var mayBeBilled = false
    /// Whether the service took the job and may still have its result.
    public var isResumable = false

    /// An error in words that are printable already, or become so here.
    public init(_ kind: Kind, _ summary: String, hint: String? = nil, mayBeBilled: Bool = false) {
        self.kind = kind
        self.summary = printable(summary, limit: 700)
        self.hint = hint.map { printable($0, limit: 400) }
        self.mayBeBilled = mayBeBilled
    }

    /// The same for a job that a service has taken and keeps: what hinders us does not end the task.
    var ofKeptTask: RemoteError {
        switch kind {
        case .key, .credits, .limited, .service, .connection, .timedOut: break
        case .refused, .notFound, .failed, .stopped, .malformed, .untrustedAddress, .withheld:
            return self
        }
        var error = self
        error.isResumable = true
        error.mayBeBilled = true
        let advice = "the service has the job; `latent history resume` fetches the result"
        error.hint = kind == .key ? hint.map { "\($0); \(advice)" } ?? advice : advice
        return error
    }

    /// An answer that is no success, in the service's own words.
    public init(status response: HTTPResponse, service: String) {
        let words = ServerMessage.text(of: response)
        let said = words.isEmpty ? "" : ": \(words)"
        func error(_ kind: Kind, _ what: String, _ hint: String?) -> RemoteError {
            RemoteError(kind, "\(service) \(what) (\(response.status))\(said)", hint: hint)
        }
        switch response.status {
        case 300..<400:
            let target = response.headers["Location"].map { " to \($0)" } ?? ""
            self = RemoteError(
                .untrustedAddress,
                "\(service) redirects\(printable(target, limit: 80)) (\(response.status)); "
                    + "redirects of the API are not followed",
                hint: "correct the base URL")
        case 401: self = error(.key, "does not take the key", "check the backend's key")
        case 402, 406: self = error(.credits, "says that the credits are used up", "top up")
        case 403: self = error(.key, "forbids this with the key", "check the key's rights")
        case 404, 405, 410:
            self = error(.notFound, "does not know the address", "check base URL and model")
        case 409: self = error(.refused, "is in a state that does not allow this", nil)
        case 408, 504: self = error(.timedOut, "did not answer in time", nil)
        case 413: self = error(.refused, "finds the request too large", "use smaller pictures")
        case 429: self = error(.limited, "asks for fewer requests", "wait, or lower parallelJobs")
        case 400..<500: self = error(.refused, "refuses the request", nil)
        default: self = error(.service, "failed", "try again later")
        }
    }

    /// A connection that failed.
    public init(_ error: TransportError, service: String, mayBeBilled: Bool) {
        let kind: Kind = error.reason == .timedOut ? .timedOut : .connection
        let billed = mayBeBilled && error.mayHaveArrived
        self.init(
            kind, "\(service): \(error.summary)",
            hint: billed
                ? "the work may have been done and billed; it is not repeated by itself"
                : error.hint, mayBeBilled: billed)
    }
}

/// The words of an error in whatever shape a service wraps them.
public enum ServerMessage {
    /// At most 500 printable characters; empty when there are none.
    public static func text(of response: HTTPResponse) -> String {
        if let json = response.json, let words = text(of: json) { return printable(words) }
        guard JSONValue(parsing: response.text) == nil, isText(response) else { return "" }
        return printable(response.text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Looks into the usual places: problem details, `detail` lists, `error` objects, `message`.
    public static func text(of json: JSONValue) -> String? {
        if let text = json.filledText { return text }
        if let elements = json.elements {
            let parts = elements.prefix(8).compactMap { text(of: $0) }
            return parts.isEmpty ? nil : parts.joined(separator: "; ")
        }
        if let field = located(json) ?? failed(json) { return field }
        for key in [
            "detail", "error", "message", "error_message", "title", "msg", "reason", "errors",
            "code", "data",
        ] {
            if let member = json[key], let text = text(of: member) { return text }
        }
        return nil
    }

    /// `{"loc": ["body", "steps"], "msg": "..."}` as `steps: ...`.
    private static func located(_ json: JSONValue) -> String? {
        guard let message = json["msg"]?.filledText, let place = json["loc"]?.elements else {
            return nil
        }
        let path = place.compactMap { $0.text ?? $0.integer.map(String.init) }
            .filter { $0 != "body" }.joined(separator: ".")
        return path.isEmpty ? message : "\(path): \(message)"
    }

    /// `{"error": "OutOfMemoryError", "detail": "", "errors": "..."}`, as A1111 tells exceptions.
    private static func failed(_ json: JSONValue) -> String? {
        guard json["detail"]?.filledText == nil, let name = json["error"]?.filledText,
            let words = json["errors"]?.filledText
        else { return nil }
        return "\(name): \(words)"
    }

    /// Pages for browsers and pictures are no message.
    private static func isText(_ response: HTTPResponse) -> Bool {
        let type = response.headers["Content-Type"]?.lowercased() ?? "text/plain"
        let start = response.text.prefix(64).lowercased()
        return (type.hasPrefix("text/plain") || type.contains("json"))
            && !start.contains("<html") && !start.contains("<!doctype")
            && response.body.prefix(64).allSatisfy { $0 != 0 }
    }
}
