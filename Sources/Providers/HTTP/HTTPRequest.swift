import Foundation

/// A request to a server as a value: what mappings make, transports send and tests compare.
public struct HTTPRequest: Hashable, Sendable {
    /// The verbs that services use.
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// What is sent after the headers.
    public enum Body: Hashable, Sendable {
        case bytes([UInt8])
        /// A file of `count` bytes, streamed from disk with a `Content-Length`.
        case file(path: String, count: Int)
    }

    public var method: Method
    /// An absolute `http` or `https` address.
    public var url: URL
    /// In order. Never holds a key: that is added at the moment of sending.
    public var headers: HTTPHeaders
    public var body: Body?
    /// What the exchange may cost.
    public var limits: TransportLimits
    /// Of a websocket: which messages are handed on.
    public var messages = MessageRules()

    /// A request without a body.
    public init(
        _ method: Method, _ url: URL, headers: HTTPHeaders = [:],
        limits: TransportLimits = TransportLimits()
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.limits = limits
    }

    /// A request with a JSON body.
    public init(
        _ method: Method, _ url: URL, json: JSONBody, limits: TransportLimits = TransportLimits()
    ) {
        self.init(method, url, headers: ["Content-Type": "application/json"], limits: limits)
        body = .bytes(json.bytes)
    }
}

/// What one exchange with a server may cost: time and size.
public struct TransportLimits: Sendable, Hashable {
    /// Seconds until a connection stands.
    public var connectSeconds: Double
    /// Seconds without a byte before a response counts as dead.
    public var idleSeconds: Double
    /// Seconds for the whole exchange; nil: as long as bytes come.
    public var totalSeconds: Double?
    /// The largest response body in bytes after decompression, declared or not.
    public var bodyBytes: Int

    /// Limits with the defaults that fit a public image service.
    public init(
        connectSeconds: Double = 10, idleSeconds: Double = 60, totalSeconds: Double? = nil,
        bodyBytes: Int = 64 << 20
    ) {
        self.connectSeconds = connectSeconds
        self.idleSeconds = idleSeconds
        self.totalSeconds = totalSeconds
        self.bodyBytes = bodyBytes
    }

    /// For questions that are answered at once: status, cancel, lists. 30 s and 8 MiB.
    public static let brief = TransportLimits(
        idleSeconds: 30, totalSeconds: 30, bodyBytes: 8 << 20)
}

/// Header fields in order; names are compared without case.
public struct HTTPHeaders: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Name and value as they stand on the wire.
    public struct Field: Hashable, Sendable {
        public let name: String
        public let value: String
    }

    public private(set) var fields: [Field]

    public init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The fields of a response.
    public init(_ fields: [(String, String)]) {
        self.fields = fields.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first field of that name; setting replaces every field of that name.
    public subscript(name: String) -> String? {
        get { fields.first { $0.name.caseInsensitiveCompare(name) == .orderedSame }?.value }
        set {
            fields.removeAll { $0.name.caseInsensitiveCompare(name) == .orderedSame }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }
}
