import Foundation

/// One entry of `backends` in the configuration. Never holds a key itself, only where it is found.
public struct BackendSettings: Hashable, Sendable {
    /// The service or program.
    public var kind: BackendKind
    /// Where it answers; nil: the kind's public address.
    public var baseURL: URL?
    /// Shell command that prints the key.
    public var keyCommand: String?
    /// File that holds the key, mode 0600.
    public var keyFile: String?
    /// Environment variable that holds the key; nil: the kind's own.
    public var keyVariable: String?
    /// The model that is used when a request names none.
    public var model: String?
    /// Jobs that may run side by side, at least 1.
    public var parallelJobs: Int?
    /// Seconds that a request may take before it counts as failed.
    public var timeout: Double?
    /// Seconds between questions for news; nil: the service's own pace.
    public var pollInterval: Double?
    /// Proxy for this backend.
    public var proxy: URL?
    /// Certificates (PEM) that are trusted beside the system's.
    public var caFile: String?

    /// A backend of a kind at its public address.
    public init(kind: BackendKind) {
        self.kind = kind
    }
}
