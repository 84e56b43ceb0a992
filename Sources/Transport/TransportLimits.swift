import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// What one exchange with a server may cost: time and size.
public struct TransportLimits: Sendable, Equatable {
    /// Seconds until a connection stands.
    public var connectSeconds: Double
    /// Seconds without a byte before a response counts as dead.
    public var idleSeconds: Double
    /// The largest response body in bytes, declared or not.
    public var bodyBytes: Int

    /// Limits with the defaults that fit a public image service.
    public init(connectSeconds: Double = 10, idleSeconds: Double = 60, bodyBytes: Int = 64 << 20) {
        self.connectSeconds = connectSeconds
        self.idleSeconds = idleSeconds
        self.bodyBytes = bodyBytes
    }
}
