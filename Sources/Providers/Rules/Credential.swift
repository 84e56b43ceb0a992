import Foundation
import Generation

/// How a service is shown the key.
public enum Authentication: Hashable, Sendable {
    /// `Authorization: Bearer KEY`.
    case bearer
    /// The key alone in a header of this name.
    case header(String)
    /// `Authorization: Basic`, the key being `user:password`.
    case basic
    /// `Authorization: Bearer` for a plain key, `Basic` for `user:password`.
    case basicOrBearer
    case none
}

/// A secret. Describes itself as dots, whoever prints it.
public struct Credential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let secret: String

    /// - Returns: nil when nothing is left without white space at both ends, or when it could not
    ///   stand in a header.
    public init?(_ secret: String) {
        let trimmed = secret.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty, trimmed.utf8.count <= 8192,
            trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) || $0 == 0x20 || $0 >= 0x80 })
        else { return nil }
        self.secret = trimmed
    }

    public var description: String { "•••" }
    public var debugDescription: String { "•••" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The header that shows it.
    func header(for authentication: Authentication) -> (name: String, value: String)? {
        switch authentication {
        case .bearer: ("Authorization", "Bearer \(secret)")
        case .header(let name): (name, secret)
        case .basic: ("Authorization", "Basic \(base64)")
        case .basicOrBearer:
            ("Authorization", secret.contains(":") ? "Basic \(base64)" : "Bearer \(secret)")
        case .none: nil
        }
    }

    private var base64: String { Data(secret.utf8).base64EncodedString() }

    /// Every form in which a server could send it back.
    private var forms: [String] {
        var forms = [secret, base64, Endpoint.encoded(secret)]
        // The two halves of `user:password`: the password alone is a secret, too.
        if let colon = secret.firstIndex(of: ":") {
            forms.append(String(secret[secret.index(after: colon)...]))
        }
        return forms.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
    }

    /// The text without the secret, nor the beginning of it where the text was cut.
    public func redacting(_ text: String) -> String {
        let forms = forms
        let whole = forms.reduce(text) { $0.replacingOccurrences(of: $1, with: "•••") }
        var pieces = whole.components(separatedBy: Self.cut)
        for index in pieces.indices.dropLast() {
            let left = forms.compactMap { Self.beginning(of: $0, endsIn: pieces[index]) }.max()
            if let left { pieces[index] = pieces[index].dropLast(left) + "•••" }
        }
        return pieces.joined(separator: Self.cut)
    }

    /// What ``printable(_:limit:)`` puts where it cuts.
    private static let cut = "…"

    /// How many characters of a secret's beginning stand at the end of a text; nil: fewer than four.
    private static func beginning(of secret: String, endsIn text: String) -> Int? {
        guard secret.count > 4 else { return nil }
        return (4..<secret.count).last { text.hasSuffix(secret.prefix($0)) }
    }

    /// Whether the text gives it away.
    public func appears(in text: String) -> Bool { forms.contains { text.contains($0) } }
}

/// Shows the key to the API's own origin, and to nobody else.
struct Authorizer: Sendable {
    let origin: Origin
    let authentication: Authentication
    let credential: Credential?
    var userAgent = "latent"

    /// The request as it is sent.
    ///
    /// - Throws: ``RemoteError`` when a call that wants the key goes elsewhere.
    func request(for call: RemoteCall) throws -> HTTPRequest {
        var request = call.request
        request.headers["User-Agent"] = userAgent
        guard call.isAuthenticated else { return request }
        guard Origin(request.url) == origin else {
            throw RemoteError(
                .untrustedAddress,
                "The service sends us to \(printableHost(request.url)), which is not its own "
                    + "address; the key is not sent there")
        }
        if let header = credential?.header(for: authentication) {
            request.headers[header.name] = header.value
        }
        return request
    }
}
