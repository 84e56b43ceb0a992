import AsyncHTTPClient
import Foundation
import Generation
import NIOCore
import NIOHTTP1
import NIOSSL
import Providers

/// The network behind providers: AsyncHTTPClient with our own limits.
///
/// Connections are kept and used again. TLS is verified against the system's certificates and the
/// one of the configuration. No redirect is followed, no cookie kept, nothing logged.
public final class ClientTransport: HTTPTransport {
    /// How servers are reached.
    public struct Configuration: Hashable, Sendable {
        /// `http` (CONNECT for https targets) or `socks5`, perhaps with user and password.
        public var proxy: URL?
        /// Certificates (PEM) that are trusted beside the system's.
        public var caFile: String?
        /// Seconds until a connection stands.
        public var connectSeconds: Double

        public init(proxy: URL? = nil, caFile: String? = nil, connectSeconds: Double = 10) {
            self.proxy = proxy
            self.caFile = caFile
            self.connectSeconds = connectSeconds
        }
    }

    private let configuration: Configuration
    private let client: HTTPClient
    private let tls: TLSConfiguration

    /// A transport with its own connections.
    ///
    /// - Throws: ``TransportError`` when the CA file or the proxy cannot be used.
    public init(_ configuration: Configuration = Configuration()) throws {
        self.configuration = configuration
        tls = try Self.tls(configuration.caFile)
        var settings = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(
                connect: .milliseconds(Int64(configuration.connectSeconds * 1000)), read: nil),
            proxy: try Self.proxy(configuration.proxy), decompression: .disabled)
        settings.httpVersion = .http1Only
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        settings.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    deinit {
        client.shutdown { _ in }
    }

    public func open(_ request: HTTPRequest) async throws -> HTTPExchange {
        let prepared = try HTTPClientRequest(request)
        let watch = ExchangeWatch(limits: request.limits)
        let client = client
        let response: HTTPClientResponse
        do {
            response = try await watch.guarding {
                try await client.execute(prepared, deadline: .distantFuture)
            }
        } catch {
            watch.end()
            throw TransportError(error, verdict: watch.verdict, isHeadMissing: true)
        }
        let headers = Providers.HTTPHeaders(response.headers.map { ($0.name, $0.value) })
        do {
            let reader = try BodyReader(response, headers, limits: request.limits, watch: watch)
            return HTTPExchange(
                status: Int(response.status.code), headers: headers,
                body: AsyncThrowingStream(unfolding: { try await reader.next() }),
                whole: { try await reader.rest() })
        } catch {
            watch.end()
            throw error
        }
    }

    public func webSocket(_ request: HTTPRequest) async throws -> any WebSocketConnection {
        guard configuration.proxy == nil else {
            throw TransportError(
                .unreachable, detail: "websockets do not go through a proxy",
                mayHaveArrived: false)
        }
        return try await WebSocketClient.connect(
            request, tls: tls, connectSeconds: configuration.connectSeconds)
    }

    private static func tls(_ caFile: String?) throws -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        guard let caFile else { return tls }
        do {
            tls.additionalTrustRoots = [
                .certificates(try NIOSSLCertificate.fromPEMFile(caFile))
            ]
        } catch {
            throw TransportError(
                .insecure, detail: "the CA file \(caFile) holds no certificate that can be read",
                mayHaveArrived: false)
        }
        return tls
    }

    private static func proxy(_ url: URL?) throws -> HTTPClient.Configuration.Proxy? {
        guard let url else { return nil }
        guard let host = url.host, !host.isEmpty else {
            throw TransportError(
                .unreachable, detail: "the proxy's address has no host", mayHaveArrived: false)
        }
        switch url.scheme?.lowercased() {
        case "socks5": return .socksServer(host: host, port: url.port ?? 1080)
        case "http":
            guard let user = url.user else { return .server(host: host, port: url.port ?? 8080) }
            return .server(
                host: host, port: url.port ?? 8080,
                authorization: .basic(username: user, password: url.password ?? ""))
        default:
            throw TransportError(
                .unreachable, detail: "a proxy has the scheme http or socks5",
                mayHaveArrived: false)
        }
    }
}

extension HTTPClientRequest {
    /// The request as AsyncHTTPClient sends it.
    ///
    /// - Throws: ``TransportError`` when its file cannot be read.
    init(_ request: HTTPRequest) throws {
        self.init(url: request.url.absoluteString)
        method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers.fields { headers.add(name: field.name, value: field.value) }
        switch request.body {
        case nil: break
        case .bytes(let bytes): body = .bytes(ByteBuffer(bytes: bytes))
        case .file(let path, let count):
            body = .stream(try FilePieces(path: path, count: count), length: .known(Int64(count)))
        }
    }
}

/// The pieces of a file, read as they are sent.
private struct FilePieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    struct Iterator: AsyncIteratorProtocol {
        let file: FileHandle
        var rest: Int

        mutating func next() async throws -> ByteBuffer? {
            guard rest > 0 else { return nil }
            guard let data = try file.read(upToCount: Swift.min(rest, 256 << 10)), !data.isEmpty
            else {
                throw TransportError(
                    .unreadableFile, detail: "it became shorter", mayHaveArrived: true)
            }
            rest -= data.count
            return ByteBuffer(bytes: data)
        }
    }

    private let path: String
    private let count: Int

    init(path: String, count: Int) throws {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw TransportError(.unreadableFile, detail: path, mayHaveArrived: false)
        }
        self.path = path
        self.count = count
    }

    func makeAsyncIterator() -> Iterator {
        let file = FileHandle(forReadingAtPath: path) ?? .nullDevice
        return Iterator(file: file, rest: count)
    }
}
