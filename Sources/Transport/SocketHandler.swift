import NIOCore
import NIOWebSocket
import Providers

/// A websocket's end on its event loop: joins fragments, answers pings, notices a dead connection,
/// and hands on what the rules of the request let through. Nobody else is woken for the rest.
final class SocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let output: AsyncThrowingStream<WebSocketMessage, any Error>.Continuation
    private let limits: TransportLimits
    private var joiner: MessageJoiner
    private var gate: MessageGate
    private var heardAt = NIODeadline.now()
    private var watch: Scheduled<Void>?
    private var release: Scheduled<Void>?
    /// The next look at what has come.
    private var look: Scheduled<Void>?
    private var lookedAt = NIODeadline.distantPast
    private let pause: TimeAmount
    private var context: ChannelHandlerContext?
    /// Whether nothing is handed on any more.
    private var isEnded = false

    init(
        _ request: HTTPRequest,
        _ output: AsyncThrowingStream<WebSocketMessage, any Error>.Continuation
    ) {
        limits = request.limits
        joiner = MessageJoiner(limit: request.limits.bodyBytes)
        gate = MessageGate(request.messages)
        pause = TimeAmount(request.messages.pause)
        self.output = output
    }

    /// Says goodbye, and closes as soon as the server has answered or a moment has passed.
    func leave() {
        guard !isEnded, let context else { return }
        end(nil)
        send(.connectionClose, ByteBuffer(bytes: [0x03, 0xE8]), context)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(200)) {
            context.close(promise: nil)
        }
    }

    /// Sends a frame as clients have to: masked.
    private func send(
        _ code: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext
    ) {
        let frame = WebSocketFrame(fin: true, opcode: code, maskKey: .random(), data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    private func end(_ error: (any Error)?) {
        guard !isEnded else { return }
        isEnded = true
        watch?.cancel()
        release?.cancel()
        for message in gate.flush(at: .now()) { output.yield(message.value) }
        if let error { output.finish(throwing: error) } else { output.finish() }
    }

    // MARK: What comes

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        keepWatch(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch?.cancel()
        release?.cancel()
        look?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        heardAt = .now()
        switch frame.opcode {
        case .connectionClose:
            if !isEnded { send(.connectionClose, ByteBuffer(bytes: [0x03, 0xE8]), context) }
            end(nil)
            context.close(promise: nil)
        case .ping where context.channel.isWritable: send(.pong, frame.unmaskedData, context)
        case .text, .binary, .continuation: take(frame, context)
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        lookedAt = .now()
        context.fireChannelReadComplete()
    }

    /// Puts off what would read again at once: what comes meanwhile comes in one piece.
    func read(context: ChannelHandlerContext) {
        guard look == nil else { return }
        let due = lookedAt + pause
        guard !isEnded, due > .now() else { return context.read() }
        look = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [self] in
            look = nil
            context.read()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Nobody said goodbye: the connection is gone, perhaps in the middle of a frame.
        end(TransportError(.interrupted, mayHaveArrived: true))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let known: any Error =
            switch error {
            case NIOWebSocketError.invalidFrameLength:
                TransportError(.tooLarge(limit: limits.bodyBytes), mayHaveArrived: true)
            case let error as NIOWebSocketError:
                TransportError(.malformed, detail: "\(error)", mayHaveArrived: true)
            default: TransportError.wrapping(error, verdict: nil, isHeadMissing: false)
            }
        fail(known, context)
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        end(error)
        context.close(promise: nil)
    }

    private func take(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard !isEnded else { return }
        do {
            guard let message = try joiner.message(frame) else { return }
            for message in gate.pass(message, at: .now()) { output.yield(message.value) }
            releaseLater(context)
        } catch {
            fail(error, context)
        }
    }

    /// Hands on what the gate holds back when its time has come.
    private func releaseLater(_ context: ChannelHandlerContext) {
        guard release == nil, let due = gate.due else { return }
        release = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [self] in
            release = nil
            for message in gate.release(at: .now()) { output.yield(message.value) }
            releaseLater(context)
        }
    }

    /// Pings a quiet server, and gives up on one that does not answer.
    private func keepWatch(_ context: ChannelHandlerContext) {
        let third = TimeAmount.nanoseconds(Int64(limits.idleSeconds / 3 * 1e9))
        watch = context.eventLoop.assumeIsolated().scheduleTask(in: third) { [self] in
            let quiet = NIODeadline.now() - heardAt
            if quiet > third * 3 {
                fail(TransportError(.timedOut, mayHaveArrived: true), context)
            } else {
                if quiet > third { send(.ping, ByteBuffer(), context) }
                keepWatch(context)
            }
        }
    }
}

/// Joins the fragments of messages within a limit.
struct MessageJoiner {
    private let limit: Int
    private var code: WebSocketOpcode?
    private var gathered = ByteBuffer()

    init(limit: Int) { self.limit = limit }

    /// The message that a frame completes.
    ///
    /// - Throws: ``TransportError`` for a message beyond the limit or out of order.
    mutating func message(_ frame: WebSocketFrame) throws -> MessageGate.Message? {
        guard frame.maskKey == nil else {
            throw TransportError(
                .malformed, detail: "a server's frames are not masked", mayHaveArrived: true)
        }
        let isFirst = frame.opcode != .continuation
        guard isFirst == (code == nil) else {
            throw TransportError(
                .malformed, detail: "fragments out of order", mayHaveArrived: true)
        }
        guard gathered.readableBytes + frame.data.readableBytes <= limit else {
            throw TransportError(.tooLarge(limit: limit), mayHaveArrived: true)
        }
        let message = code ?? frame.opcode
        if isFirst, frame.fin {
            return MessageGate.Message(isText: message == .text, data: frame.data)
        }
        code = message
        gathered.writeImmutableBuffer(frame.data)
        guard frame.fin else { return nil }
        defer {
            code = nil
            gathered = ByteBuffer()
        }
        return MessageGate.Message(isText: message == .text, data: gathered)
    }
}
