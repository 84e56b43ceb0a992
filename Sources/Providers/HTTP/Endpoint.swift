import Foundation

/// A service's base address: everything before its routes, a path prefix included.
public struct Endpoint: Hashable, Sendable {
    /// As configured, without a slash at the end.
    public let base: URL

    /// Drops what an address of an API cannot have: user, query, fragment, slashes at the end.
    public init(_ url: URL) {
        var parts = URLComponents(url: url, resolvingAgainstBaseURL: true) ?? URLComponents()
        parts.user = nil
        parts.password = nil
        parts.query = nil
        parts.fragment = nil
        while parts.percentEncodedPath.hasSuffix("/") { parts.percentEncodedPath.removeLast() }
        base = parts.url ?? url
    }

    /// The address of a route: `path` segments are percent-encoded one by one, so that text from a
    /// server can neither leave the route nor add a query.
    public func url(_ path: String..., query: [(String, String)] = []) -> URL {
        url(path: path, query: query)
    }

    /// The address of a route.
    public func url(path: [String], query: [(String, String)] = []) -> URL {
        let segments = path.map { "/" + Self.encoded($0) }.joined()
        let pairs = query.map { "\(Self.encoded($0.0))=\(Self.encoded($0.1))" }
        let tail = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        return URL(string: base.absoluteString + segments + tail) ?? base
    }

    /// Where the key may be sent.
    public var origin: Origin { Origin(base) }

    /// Percent-encodes everything but RFC 3986's unreserved characters; segments of dots alone are
    /// encoded too.
    static func encoded(_ text: String) -> String {
        if text.allSatisfy({ $0 == "." }) {
            return text.replacingOccurrences(of: ".", with: "%2E")
        }
        var output = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                output += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return output
    }
}

/// Scheme, host and port (RFC 6454).
public struct Origin: Hashable, Sendable {
    public let scheme: String
    public let host: String
    public let port: Int

    public init(_ url: URL) {
        scheme = url.scheme?.lowercased() ?? ""
        host = url.host?.lowercased() ?? ""
        port = url.port ?? (["https", "wss"].contains(scheme) ? 443 : 80)
    }
}
