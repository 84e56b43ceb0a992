import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A proxy on a loopback port: HTTP's CONNECT with or without a login, and SOCKS 5.
public final class FakeProxy: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    private let channel: any Channel
    private let record: Record

    /// What clients asked for and sent.
    final class Record: Sendable {
        struct State {
            var targets: [String] = []
            var heads: [String] = []
            var bytes: [UInt8] = []
        }
        let login: String?
        let state = Mutex(State())
        init(login: String?) { self.login = login }
    }

    private init(channel: any Channel, record: Record) {
        self.channel = channel
        self.record = record
        port = channel.localAddress?.port ?? 0
    }

    /// Starts a proxy.
    ///
    /// - Parameter login: `user:password` that HTTP clients have to show.
    public static func start(login: String? = nil) async throws -> FakeProxy {
        let record = Record(login: login)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(ProxyHandler(record))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FakeProxy(channel: channel, record: record)
    }

    /// Stops listening.
    public func stop() async { try? await channel.close() }

    /// `host:port` of every tunnel that was asked for.
    public var targets: [String] { record.state.withLock { $0.targets } }

    /// The heads of CONNECT requests.
    public var heads: [String] { record.state.withLock { $0.heads } }

    /// Whether a text went through in the clear, from client to server.
    public func carried(_ text: String) -> Bool {
        let bytes = record.state.withLock { Data($0.bytes) }
        return bytes.range(of: Data(text.utf8)) != nil
    }
}

/// Reads what a client wants, connects, and passes bytes on in both directions.
private final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let record: FakeProxy.Record
    private var waiting = ByteBuffer()
    private var upstream: (any Channel)?
    private var hasGreeted = false
    private var isConnecting = false

    init(_ record: FakeProxy.Record) { self.record = record }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if let upstream {
            record.state.withLock { $0.bytes += bytes.readableBytesView }
            upstream.writeAndFlush(bytes, promise: nil)
            return
        }
        waiting.writeBuffer(&bytes)
        if waiting.readableBytesView.first == 5 { socks(context) } else { http(context) }
    }

    func channelInactive(context: ChannelHandlerContext) { upstream?.close(promise: nil) }

    private func http(_ context: ChannelHandlerContext) {
        let text = String(buffer: waiting)
        guard !isConnecting, let end = text.range(of: "\r\n\r\n") else { return }
        let head = String(text[..<end.lowerBound])
        record.state.withLock { $0.heads.append(head) }
        let words = head.split(separator: " ", maxSplits: 2).map(String.init)
        if let login = record.login {
            let wanted = "basic \(Data(login.utf8).base64EncodedString())".lowercased()
            guard head.lowercased().contains("proxy-authorization: \(wanted)") else {
                return refuse("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n", context)
            }
        }
        guard words.count > 1, words[0] == "CONNECT" else {
            return refuse("HTTP/1.1 405 No\r\n", context)
        }
        connect(words[1], "HTTP/1.1 200 OK\r\n\r\n", context)
    }

    private func refuse(_ head: String, _ context: ChannelHandlerContext) {
        let answer = ByteBuffer(string: head + "Content-Length: 0\r\nConnection: close\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        context.close(promise: nil)
    }

    /// RFC 1928: no login, CONNECT to an IPv4 address or a name.
    private func socks(_ context: ChannelHandlerContext) {
        let bytes = Array(waiting.readableBytesView)
        if !hasGreeted {
            guard bytes.count >= 2 + Int(bytes.count > 1 ? bytes[1] : 255) else { return }
            hasGreeted = true
            waiting.clear()
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [5, 0])), promise: nil)
            return
        }
        guard !isConnecting, bytes.count >= 7 else { return }
        let isName = bytes[3] == 3
        let start = isName ? 5 : 4
        let end = start + (isName ? Int(bytes[4]) : 4)
        guard bytes.count >= end + 2 else { return }
        let host =
            isName
            ? String(decoding: bytes[start..<end], as: UTF8.self)
            : bytes[start..<end].map(String.init).joined(separator: ".")
        let port = Int(bytes[end]) << 8 | Int(bytes[end + 1])
        connect(
            "\(host):\(port)", String(decoding: [5, 0, 0, 1, 0, 0, 0, 0, 0, 0], as: UTF8.self),
            context)
    }

    private func connect(_ target: String, _ answer: String, _ context: ChannelHandlerContext) {
        isConnecting = true
        record.state.withLock { $0.targets.append(target) }
        let parts = target.split(separator: ":").map(String.init)
        let client = context.channel
        let loopBound = NIOLoopBound(self, eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Back(client))
                }
            }
            .connect(host: parts.first ?? "", port: parts.last.flatMap { Int($0) } ?? 0)
            .whenComplete { result in
                guard case .success(let upstream) = result else {
                    return client.close(promise: nil)
                }
                loopBound.value.upstream = upstream
                client.writeAndFlush(ByteBuffer(string: answer), promise: nil)
            }
    }

    /// Passes what the server sends to the client.
    private final class Back: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let client: any Channel
        init(_ client: any Channel) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            client.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
    }
}
