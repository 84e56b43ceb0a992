import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Providers
import Synchronization

/// A websocket over NIO. What comes is handed on by the event loop itself, see ``SocketHandler``.
final class WebSocketClient: WebSocketConnection {
    private enum Upgrade: Sendable {
        case socket(WebSocketClient)
        case refused
    }

    let messages: AsyncThrowingStream<WebSocketMessage, any Error>
    private let channel: any Channel
    private let handler: NIOLoopBound<SocketHandler>

    /// Takes a channel over, on its event loop, right after the handshake.
    private init(_ channel: any Channel, _ request: HTTPRequest) throws {
        let (messages, output) = AsyncThrowingStream<WebSocketMessage, any Error>.makeStream()
        self.messages = messages
        self.channel = channel
        let handler = SocketHandler(request, output)
        try channel.pipeline.syncOperations.addHandler(handler)
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        self.handler = bound
        output.onTermination = { end in
            guard case .cancelled = end else { return }
            channel.eventLoop.execute { bound.value.leave() }
        }
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(
            WebSocketFrame(
                fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(string: text)))
    }

    func close() async {
        let handler = handler
        channel.eventLoop.execute { handler.value.leave() }
        try? await channel.closeFuture.get()
    }

    // MARK: Connecting

    /// Connects and upgrades.
    ///
    /// - Throws: ``TransportError``, `CancellationError`.
    static func connect(
        _ request: HTTPRequest, tls: TLSConfiguration, connectSeconds: Double
    ) async throws -> WebSocketClient {
        guard let host = request.url.host else {
            throw TransportError(.unreachable, detail: "no host", mayHaveArrived: false)
        }
        let isSecure = ["https", "wss"].contains(request.url.scheme?.lowercased())
        let port = request.url.port ?? (isSecure ? 443 : 80)
        let watch = ExchangeWatch(
            limits: TransportLimits(
                idleSeconds: connectSeconds, totalSeconds: connectSeconds))
        defer { watch.end() }
        do {
            let context = isSecure ? try NIOSSLContext(configuration: tls) : nil
            let opening = Opening()
            let upgrade = try await watch.guarding {
                try await withTaskCancellationHandler {
                    try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                        .connectTimeout(.milliseconds(Int64(connectSeconds * 1000)))
                        .connect(host: host, port: port) { channel in
                            opening.hold(channel)
                            return channel.eventLoop.makeCompletedFuture {
                                if let context {
                                    try channel.pipeline.syncOperations.addHandler(
                                        try Self.tlsHandler(context, host))
                                }
                                return try Self.upgrade(channel, request, host, port)
                            }
                        }.get()
                } onCancel: {
                    opening.close()
                }
            }
            guard case .socket(let client) = upgrade else {
                throw TransportError(
                    .malformed, detail: "no websocket is offered there", mayHaveArrived: true)
            }
            return client
        } catch {
            throw TransportError.wrapping(error, verdict: watch.verdict, isHeadMissing: true)
        }
    }

    /// Names are checked against the certificate; addresses cannot be sent as a name.
    private static func tlsHandler(
        _ context: NIOSSLContext, _ host: String
    ) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }

    private static func upgrade(
        _ channel: any Channel, _ request: HTTPRequest, _ host: String, _ port: Int
    ) throws -> EventLoopFuture<Upgrade> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Upgrade>(
            maxFrameSize: min(request.limits.bodyBytes, Int(UInt32.max)),
            // It would close the connection before we hear why.
            enableAutomaticErrorHandling: false
        ) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                .socket(try WebSocketClient(channel, request))
            }
        }
        var headers = NIOHTTP1.HTTPHeaders()
        let name = host.contains(":") ? "[\(host)]" : host
        headers.add(name: "Host", value: request.url.port == nil ? name : "\(name):\(port)")
        for field in request.headers.fields { headers.add(name: field.name, value: field.value) }
        var path = request.url.path(percentEncoded: true)
        if path.isEmpty { path = "/" }
        if let query = request.url.query(percentEncoded: true) { path += "?" + query }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: head, upgraders: [upgrader]
            ) { channel in channel.eventLoop.makeSucceededFuture(.refused) })
        // Frames may come in one piece with the answer to the handshake.
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: pipeline)
    }
}

/// A connection whose handshake is under way: futures of NIO know no cancellation, so closing it is
/// what ends the wait.
private final class Opening: Sendable {
    private let state = Mutex<(channel: (any Channel)?, isClosed: Bool)>((nil, false))

    func hold(_ channel: any Channel) {
        let isClosed = state.withLock { state in
            state.channel = channel
            return state.isClosed
        }
        if isClosed { channel.close(promise: nil) }
    }

    func close() {
        let channel = state.withLock { state in
            state.isClosed = true
            return state.channel
        }
        channel?.close(promise: nil)
    }
}
