import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An HTTP/1.1 server on a loopback port that records every byte it receives and misbehaves on
/// demand.
///
/// What it answers is the handler's business; faults that were injected come first.
public final class FakeServer: Sendable {
    /// Makes the answer to one request.
    public typealias Handler = @Sendable (RecordedRequest) async -> FakeResponse

    /// The port on 127.0.0.1.
    public let port: Int
    /// `http` or `https`.
    public let scheme: String
    /// `http://127.0.0.1:PORT`.
    public var origin: String { "\(scheme)://127.0.0.1:\(port)" }

    private let state: Mutex<State>
    private let channel: any Channel

    private struct State {
        var requests: [RecordedRequest] = []
        var bytes: [UInt8] = []
        var faults: [Injected] = []
        var violations: [String] = []
        var connections = 0
        var abandoned = 0
        var closings: [ContinuousClock.Instant] = []
        var open: [ObjectIdentifier: any Channel] = [:]
        var handler: Handler?
    }

    private struct Injected {
        let fault: Fault
        var times: Int
        let applies: @Sendable (RecordedRequest) -> Bool
    }

    private init(port: Int, scheme: String, channel: any Channel, state: consuming Mutex<State>) {
        self.port = port
        self.scheme = scheme
        self.channel = channel
        self.state = state
    }

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - port: 0 lets the system choose.
    ///   - isSecure: TLS with a certificate that nobody signed.
    public static func start(
        port: Int = 0, isSecure: Bool = false, handler: @escaping Handler
    ) async throws -> FakeServer {
        let server = Mutex<FakeServer?>(nil)
        let holder = Holder(server)
        let tls =
            isSecure ? try NIOSSLContext(configuration: SelfSignedCertificate.serverTLS()) : nil
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    let pipeline = child.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try FakeConnection.configure(child, for: holder)
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        let made = FakeServer(
            port: channel.localAddress?.port ?? 0, scheme: isSecure ? "https" : "http",
            channel: channel, state: Mutex(State(handler: handler)))
        holder.server.withLock { $0 = made }
        return made
    }

    /// Stops listening and closes every connection.
    public func stop() async {
        try? await channel.close()
        for child in state.withLock({ Array($0.open.values) }) { try? await child.close() }
    }

    /// Replaces the handler.
    public func serve(_ handler: @escaping Handler) {
        state.withLock { $0.handler = handler }
    }

    /// Everything that was asked, in order of arrival.
    public var requests: [RecordedRequest] { state.withLock { $0.requests } }

    /// Requests whose `METHOD /path` starts so.
    public func requests(_ prefix: String) -> [RecordedRequest] {
        requests.filter { $0.line.hasPrefix(prefix) }
    }

    /// Every byte that came over any connection (after TLS).
    public var bytesReceived: [UInt8] { state.withLock { $0.bytes } }

    /// Whether a text came in over any connection, in a header, a target or a body.
    public func received(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        let bytes = bytesReceived
        guard let first = wanted.first, bytes.count >= wanted.count else { return false }
        for start in 0...(bytes.count - wanted.count)
        where bytes[start] == first && bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
            return true
        }
        return false
    }

    /// Sentences about requests that the protocol forbids; a test asserts that there are none.
    public var violations: [String] { state.withLock { $0.violations } }

    /// Connections that were opened.
    public var connectionCount: Int { state.withLock { $0.connections } }

    /// When connections were closed, by either side.
    public var closings: [ContinuousClock.Instant] { state.withLock { $0.closings } }

    /// Answers whose reader hung up before they were complete.
    public var abandonedCount: Int { state.withLock { $0.abandoned } }

    /// Notes something that the protocol forbids.
    public func note(_ violation: String) {
        state.withLock { $0.violations.append(violation) }
    }

    /// Lets something go wrong with the next requests that match.
    public func inject(
        _ fault: Fault, times: Int = 1,
        where applies: @escaping @Sendable (RecordedRequest) -> Bool = { _ in true }
    ) {
        state.withLock {
            $0.faults.append(Injected(fault: fault, times: times, applies: applies))
        }
    }

    /// Lets something go wrong with the next requests whose `METHOD /path` starts so.
    public func inject(_ fault: Fault, times: Int = 1, on prefix: String) {
        inject(fault, times: times) { $0.line.hasPrefix(prefix) }
    }

    /// Waits until a condition on the requests holds.
    ///
    /// - Returns: whether it came to hold within the time.
    public func waitForRequests(
        within limit: Duration = .seconds(30), _ condition: ([RecordedRequest]) -> Bool
    ) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if condition(requests) { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return condition(requests)
    }

    // MARK: - What connections report

    /// Where a connection finds its server, which exists only once the port is known.
    final class Holder: Sendable {
        let server: Mutex<FakeServer?>
        init(_ server: consuming Mutex<FakeServer?>) { self.server = server }
        var value: FakeServer? { server.withLock { $0 } }
    }

    func opened(_ channel: any Channel) {
        state.withLock {
            $0.connections += 1
            $0.open[ObjectIdentifier(channel)] = channel
        }
    }

    func closed(_ channel: any Channel) {
        state.withLock {
            $0.open[ObjectIdentifier(channel)] = nil
            $0.closings.append(.now)
        }
    }

    func receivedBytes(_ bytes: some Sequence<UInt8>) {
        state.withLock { $0.bytes.append(contentsOf: bytes) }
    }

    func abandoned() { state.withLock { $0.abandoned += 1 } }

    /// Records a request and decides what becomes of it.
    func plan(for request: RecordedRequest) -> (faults: [Fault], handler: Handler?) {
        state.withLock { state in
            state.requests.append(request)
            var faults: [Fault] = []
            for index in state.faults.indices
            where state.faults[index].times > 0 && state.faults[index].applies(request) {
                state.faults[index].times -= 1
                faults.append(state.faults[index].fault)
                if faults.last?.replacesService == true { break }
            }
            return (faults, state.handler)
        }
    }
}
