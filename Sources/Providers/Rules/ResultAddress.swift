import Foundation
import Generation

/// Where a finished picture lies: an `http` or `https` address that a server named.
public struct ResultAddress: Hashable, Sendable {
    public let url: URL

    /// Reads what a server sent. A relative address is taken from the endpoint's origin.
    ///
    /// - Throws: ``RemoteError`` for other schemes, for addresses with a user or password, and for
    ///   addresses of this machine or its network that a public service names.
    public init(_ text: String, from endpoint: Endpoint) throws {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty, trimmed.utf8.count <= 8192,
            let url = Self.resolved(trimmed, endpoint),
            let scheme = url.scheme?.lowercased(), let host = url.host, !host.isEmpty
        else { throw Self.refusal(text, "it is no address") }
        guard ["http", "https"].contains(scheme) else {
            throw Self.refusal(text, "only http and https are fetched")
        }
        guard url.user == nil, url.password == nil else {
            throw Self.refusal("\(scheme)://\(host)", "it holds a user name")
        }
        if !Self.isPrivate(endpoint.origin.host), Self.isPrivate(host.lowercased()) {
            throw Self.refusal(text, "it points into this network")
        }
        self.url = url
    }

    private static func resolved(_ text: String, _ endpoint: Endpoint) -> URL? {
        let encoded = text.replacingOccurrences(of: " ", with: "%20")
        let root = URL(string: "/", relativeTo: endpoint.base)
        return URL(string: encoded, relativeTo: root)?.absoluteURL
    }

    /// Whether a host is this machine or a private network (RFC 1918, 4193, 3927), by its name.
    static func isPrivate(_ host: String) -> Bool {
        let name = host.trimmingCharacters(in: ["[", "]"])
        if name == "localhost" || name.hasSuffix(".localhost") || name.hasSuffix(".local") {
            return true
        }
        if name.contains(":") {
            return name == "::1" || name == "::" || name.hasPrefix("fe80:")
                || name.hasPrefix("fc") || name.hasPrefix("fd") || name.hasPrefix("::ffff:")
        }
        let parts = name.split(separator: ".").compactMap { UInt8($0) }
        guard parts.count == 4, name.split(separator: ".").count == 4 else { return false }
        switch (parts[0], parts[1]) {
        case (127, _), (10, _), (0, _), (192, 168), (169, 254), (172, 16...31): return true
        default: return false
        }
    }

    private static func refusal(_ text: String, _ reason: String) -> RemoteError {
        RemoteError(
            .untrustedAddress,
            "The service's address of the picture, \(printable(text, limit: 80)), is refused: "
                + reason)
    }
}

/// Host and port of an address, for messages: no path, no query, no user.
func printableHost(_ url: URL) -> String {
    let host = printable(url.host ?? "", limit: 80)
    return url.port.map { "\(host):\($0)" } ?? host
}
