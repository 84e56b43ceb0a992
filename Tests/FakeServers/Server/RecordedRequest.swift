import Foundation

/// One request as it arrived.
public struct RecordedRequest: Sendable {
    /// The verb as sent.
    public let method: String
    /// The target as sent, still percent-encoded.
    public let target: String
    /// Header fields in the order of arrival.
    public let headers: [(name: String, value: String)]
    /// The body, without the framing of HTTP.
    public let body: [UInt8]
    /// When the whole of it was there.
    public let arrival = ContinuousClock.now

    /// The path, percent-decoded, without the query.
    public var path: String { components?.path ?? target }

    /// The query's fields, decoded; of a repeated field the last.
    public var query: [String: String] {
        (components?.queryItems ?? []).reduce(into: [:]) { $0[$1.name] = $1.value ?? "" }
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON, nil when it is not.
    public var json: WireJSON? { try? WireJSON(parsing: body) }

    /// All values of a header field.
    public func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// A header field that is there exactly once.
    public func value(of name: String) -> String? {
        let all = values(of: name)
        return all.count == 1 ? all[0] : nil
    }

    /// `GET /path`, for messages and comparisons.
    public var line: String { "\(method) \(path)" }

    /// The media type without parameters, lower-case.
    public var mediaType: String? {
        value(of: "content-type")?.split(separator: ";").first
            .map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    }

    private var components: URLComponents? {
        URLComponents(string: "http://host" + (target.hasPrefix("/") ? target : "/" + target))
    }
}
