import COpenSSL
import Foundation
import NIOCore
import NIOWebSocket
import Synchronization

/// The server's end of a websocket.
public final class FakeWebSocket: Sendable {
    /// What the client sent.
    public enum Message: Sendable, Equatable {
        case text(String)
        case binary([UInt8])
    }

    /// Messages from the client; ends when it closes.
    public let messages: AsyncStream<Message>
    private let channel: any Channel
    private let isOpen = Mutex(true)
    private let heard: Heard

    private init(channel: any Channel, messages: AsyncStream<Message>, heard: Heard) {
        self.channel = channel
        self.messages = messages
        self.heard = heard
    }

    /// What the client answered to pings, in order.
    public var pongs: [[UInt8]] { heard.state.withLock { $0.pongs } }

    /// Frames of the client that were not masked, which the protocol forbids.
    public var unmaskedCount: Int { heard.state.withLock { $0.unmasked } }

    /// Sends bytes as they are, in place of a frame.
    public func send(raw bytes: [UInt8]) async throws {
        let channel = channel
        try await channel.eventLoop.submit {
            // From the first handler on, so that nothing makes a frame of them.
            let context = try channel.pipeline.syncOperations.context(
                handlerType: ByteRecorder.self)
            context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
        }.get()
    }

    /// Whether the client is still there.
    public var isConnected: Bool { channel.isActive && isOpen.withLock { $0 } }

    /// Sends a text message.
    public func send(_ text: String) async throws {
        try await send(.text, Array(text.utf8))
    }

    /// Sends a JSON value as text.
    public func send(_ value: WireJSON) async throws { try await send(.text, value.bytes) }

    /// Sends a binary message.
    public func send(binary: [UInt8]) async throws { try await send(.binary, binary) }

    /// Sends one message in frames of so many bytes.
    public func send(binary: [UInt8], inFramesOf size: Int) async throws {
        var rest = binary[...]
        var opcode = WebSocketOpcode.binary
        repeat {
            let piece = rest.prefix(size)
            rest = rest.dropFirst(size)
            try await send(opcode, Array(piece), isLast: rest.isEmpty)
            opcode = .continuation
        } while !rest.isEmpty
    }

    /// Asks the client for a sign of life.
    public func ping() async throws { try await send(.ping, [1, 2, 3]) }

    /// Closes in good order.
    public func close() async throws {
        isOpen.withLock { $0 = false }
        try await send(.connectionClose, [3, 0xE8])
        try? await channel.close()
    }

    /// Hangs up without a goodbye.
    public func hangUp() async {
        isOpen.withLock { $0 = false }
        try? await channel.close()
    }

    /// Leaves everything that comes from now on unanswered.
    public func becomeDeaf() async {
        try? await channel.setOption(.autoRead, value: false).get()
    }

    /// Breaks the connection.
    public func reset() async {
        isOpen.withLock { $0 = false }
        await FakeBodyWriter.reset(channel)
    }

    private func send(
        _ opcode: WebSocketOpcode, _ bytes: [UInt8], isLast: Bool = true
    ) async throws {
        try await channel.writeAndFlush(
            WebSocketFrame(fin: isLast, opcode: opcode, data: ByteBuffer(bytes: bytes)))
    }

    /// Answers the handshake, turns the connection over and holds the conversation.
    static func open(
        on channel: any Channel, request: RecordedRequest, head: String,
        _ converse: @Sendable (FakeWebSocket) async throws -> Void
    ) async throws {
        guard request.value(of: "upgrade")?.lowercased() == "websocket",
            request.value(of: "sec-websocket-version") == "13",
            let key = request.value(of: "sec-websocket-key"),
            Data(base64Encoded: key)?.count == 16
        else {
            let refusal = "HTTP/1.1 400 Fake\r\nContent-Length: 0\r\n\r\n"
            try await channel.writeAndFlush(ByteBuffer(string: refusal))
            return
        }
        let accept = sha1Base64(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        let answer =
            head + "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(accept)\r\n\r\n"
        let (messages, continuation) = AsyncStream<Message>.makeStream()
        let heard = Heard()
        try await channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            channel.writeAndFlush(ByteBuffer(string: answer), promise: nil)
            let recorder = try pipeline.handler(type: ByteRecorder.self)
            try pipeline.addHandler(WebSocketFrameEncoder(), position: .after(recorder))
            try pipeline.addHandler(
                ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 26)))
            try pipeline.addHandler(MessageReader(continuation, heard))
        }.get()
        try await channel.pipeline.removeHandler(name: FakeConnection.name).get()
        try await channel.pipeline.removeHandler(name: FakeConnection.decoderName).get()
        let socket = FakeWebSocket(channel: channel, messages: messages, heard: heard)
        do {
            try await converse(socket)
            if socket.isConnected { try await socket.close() }
        } catch {
            try? await channel.close()
        }
    }

    private static func sha1Base64(_ text: String) -> String {
        var digest = [UInt8](repeating: 0, count: 20)
        var count: UInt32 = 0
        let bytes = Array(text.utf8)
        _ = EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha1(), nil)
        return Data(digest).base64EncodedString()
    }
}

/// What a client sent beside messages.
private final class Heard: Sendable {
    struct State {
        var pongs: [[UInt8]] = []
        var unmasked = 0
    }
    let state = Mutex(State())
}

/// Puts frames together and answers pings.
private final class MessageReader: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let continuation: AsyncStream<FakeWebSocket.Message>.Continuation
    private var gathered: [UInt8] = []
    private var isText = false
    private let heard: Heard

    init(_ continuation: AsyncStream<FakeWebSocket.Message>.Continuation, _ heard: Heard) {
        self.continuation = continuation
        self.heard = heard
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        let bytes = Array(frame.unmaskedData.readableBytesView)
        heard.state.withLock { state in
            if frame.maskKey == nil { state.unmasked += 1 }
            if frame.opcode == .pong { state.pongs.append(bytes) }
        }
        switch frame.opcode {
        case .text, .binary:
            gathered = bytes
            isText = frame.opcode == .text
        case .continuation: gathered += bytes
        case .ping:
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: ByteBuffer(bytes: bytes))
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
            return
        case .connectionClose:
            context.close(promise: nil)
            return
        default: return
        }
        guard frame.fin else { return }
        continuation.yield(
            isText ? .text(String(decoding: gathered, as: UTF8.self)) : .binary(gathered))
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
