import NIOCore
import NIOHTTP1

/// One connection: gathers requests and hands them to the server's handler, one after the other.
final class FakeConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart

    static let decoderName = "fake-http-decoder"
    static let name = "fake-connection"

    private let holder: FakeServer.Holder
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var answer: Task<Void, Never>?

    private init(_ holder: FakeServer.Holder) { self.holder = holder }

    /// Puts recorder, decoder and connection into a channel; answers are written as raw bytes.
    static func configure(_ channel: any Channel, for holder: FakeServer.Holder) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ByteRecorder(holder))
        try pipeline.addHandler(
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
            name: decoderName)
        try pipeline.addHandler(FakeConnection(holder), name: name)
    }

    func channelActive(context: ChannelHandlerContext) {
        holder.value?.opened(context.channel)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer?.cancel()
        holder.value?.closed(context.channel)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            if head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
                context.writeAndFlush(
                    NIOAny(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
            }
        case .body(let part):
            body.append(contentsOf: part.readableBytesView)
        case .end:
            respond(on: context.channel)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func respond(on channel: any Channel) {
        guard let head, let server = holder.value else { return }
        let request = RecordedRequest(
            method: head.method.rawValue, target: head.uri,
            headers: head.headers.map { (name: $0.name, value: $0.value) }, body: body)
        let previous = answer
        answer = Task {
            await previous?.value
            await FakeDelivery(request: request, channel: channel, server: server).run()
        }
    }
}

/// Writes down what comes in before anything interprets it.
final class ByteRecorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let holder: FakeServer.Holder

    init(_ holder: FakeServer.Holder) { self.holder = holder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        holder.value?.receivedBytes(unwrapInboundIn(data).readableBytesView)
        context.fireChannelRead(data)
    }
}
