import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Providers
import Synchronization

/// A websocket over NIO: joins fragments, answers pings, notices a dead connection.
final class WebSocketClient: WebSocketConnection {
    private typealias Frames = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    private enum Upgrade: Sendable {
        case socket(Frames)
        case refused
    }

    let messages: AsyncThrowingStream<WebSocketMessage, any Error>
    private let outgoing: AsyncStream<WebSocketFrame>.Continuation
    private let channel: any Channel

    private init(_ frames: Frames, limits: TransportLimits) {
        channel = frames.channel
        let (output, outgoing) = AsyncStream<WebSocketFrame>.makeStream()
        self.outgoing = outgoing
        let (messages, incoming) = AsyncThrowingStream<WebSocketMessage, any Error>.makeStream()
        self.messages = messages
        let work = Task {
            do {
                try await Self.run(frames, limits, output, outgoing) { incoming.yield($0) }
                incoming.finish()
            } catch NIOWebSocketError.invalidFrameLength {
                incoming.finish(
                    throwing: TransportError(
                        .tooLarge(limit: limits.bodyBytes), mayHaveArrived: true))
            } catch let error as NIOWebSocketError {
                incoming.finish(
                    throwing: TransportError(.malformed, detail: "\(error)", mayHaveArrived: true))
            } catch {
                incoming.finish(
                    throwing: TransportError.wrapping(error, verdict: nil, isHeadMissing: false))
            }
            outgoing.finish()
        }
        incoming.onTermination = { _ in work.cancel() }
    }

    func send(_ text: String) async throws {
        outgoing.yield(Self.frame(.text, ByteBuffer(string: text)))
    }

    func close() async {
        outgoing.yield(Self.frame(.connectionClose, ByteBuffer(bytes: [0x03, 0xE8])))
        outgoing.finish()
        try? await Task.sleep(for: .milliseconds(200))
        try? await channel.close()
    }

    private static func frame(_ code: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: code, maskKey: .random(), data: data)
    }

    // MARK: Reading and writing

    private static func run(
        _ frames: Frames, _ limits: TransportLimits, _ output: AsyncStream<WebSocketFrame>,
        _ outgoing: AsyncStream<WebSocketFrame>.Continuation,
        deliver: @escaping @Sendable (WebSocketMessage) -> Void
    ) async throws {
        try await frames.executeThenClose { incoming, writer in
            try await converse(incoming, writer, limits, output, outgoing, deliver)
        }
    }

    /// Reads, writes and watches until one of the three ends.
    private static func converse(
        _ incoming: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ writer: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ limits: TransportLimits,
        _ output: AsyncStream<WebSocketFrame>,
        _ outgoing: AsyncStream<WebSocketFrame>.Continuation,
        _ deliver: @escaping @Sendable (WebSocketMessage) -> Void
    ) async throws {
        let heard = LastHeard()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var joiner = MessageJoiner(limit: limits.bodyBytes)
                for try await frame in incoming {
                    heard.note()
                    if frame.opcode == .connectionClose { return }
                    if frame.opcode == .ping {
                        outgoing.yield(Self.frame(.pong, frame.unmaskedData))
                    } else if let message = try joiner.message(frame) {
                        deliver(message)
                    }
                }
                // Nobody said goodbye: the connection is gone, perhaps in the middle of a frame.
                try Task.checkCancellation()
                throw TransportError(.interrupted, mayHaveArrived: true)
            }
            group.addTask {
                for await frame in output { try await writer.write(frame) }
                // Whoever said goodbye waits for the server's.
                try await Task.sleep(for: .seconds(limits.idleSeconds))
            }
            group.addTask {
                try await Self.watch(idle: limits.idleSeconds, heard) {
                    outgoing.yield(Self.frame(.ping, ByteBuffer()))
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Pings a quiet server, and gives up on one that does not answer.
    private static func watch(
        idle: Double, _ heard: LastHeard, ping: @Sendable () -> Void
    ) async throws {
        while true {
            try await Task.sleep(for: .seconds(idle / 3))
            let quiet = ContinuousClock.now - heard.time
            if quiet > .seconds(idle) { throw TransportError(.timedOut, mayHaveArrived: true) }
            if quiet > .seconds(idle / 3) { ping() }
        }
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
            guard case .socket(let frames) = upgrade else {
                throw TransportError(
                    .malformed, detail: "no websocket is offered there", mayHaveArrived: true)
            }
            return WebSocketClient(frames, limits: request.limits)
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
                if request.skipsBinary {
                    try channel.pipeline.syncOperations.addHandler(BinaryFilter())
                }
                return .socket(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
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

/// Drops binary messages where they cost least.
private final class BinaryFilter: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private var isSkipping = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .binary: isSkipping = true
        case .text: isSkipping = false
        case .continuation: break
        default: return context.fireChannelRead(data)
        }
        if !isSkipping { context.fireChannelRead(data) }
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

/// When the server was heard last.
private final class LastHeard: Sendable {
    private let state = Mutex(ContinuousClock.now)
    var time: ContinuousClock.Instant { state.withLock { $0 } }
    func note() { state.withLock { $0 = .now } }
}

/// Joins the fragments of messages within a limit.
struct MessageJoiner {
    let limit: Int
    private var code: WebSocketOpcode?
    private var bytes: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// The message that a frame completes.
    ///
    /// - Throws: ``TransportError`` for a message beyond the limit or out of order.
    mutating func message(_ frame: WebSocketFrame) throws -> WebSocketMessage? {
        guard frame.maskKey == nil else {
            throw TransportError(
                .malformed, detail: "a server's frames are not masked", mayHaveArrived: true)
        }
        switch frame.opcode {
        case .text, .binary:
            guard code == nil else { throw Self.outOfOrder }
            code = frame.opcode
        case .continuation:
            guard code != nil else { throw Self.outOfOrder }
        default: return nil
        }
        let data = frame.unmaskedData
        guard bytes.count + data.readableBytes <= limit else {
            throw TransportError(.tooLarge(limit: limit), mayHaveArrived: true)
        }
        bytes += data.readableBytesView
        guard frame.fin else { return nil }
        defer {
            code = nil
            bytes = []
        }
        return code == .text
            ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(bytes)
    }

    private static var outOfOrder: TransportError {
        TransportError(.malformed, detail: "fragments out of order", mayHaveArrived: true)
    }
}
