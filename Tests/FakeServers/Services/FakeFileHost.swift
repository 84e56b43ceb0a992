import Foundation
import Synchronization

/// Another origin that holds results and takes signed uploads; it must never see a key.
public final class FakeFileHost: Sendable {
    /// The server behind it.
    public let server: FakeServer
    private let files = Mutex<[String: (bytes: [UInt8], type: String)]>([:])

    /// Header fields that carry credentials at one service or another.
    static let credentialHeaders = ["authorization", "api-key", "x-api-key", "cookie"]

    private init(server: FakeServer) { self.server = server }

    /// Starts an empty host.
    public static func start(port: Int = 0) async throws -> FakeFileHost {
        let server = try await FakeServer.start(port: port) { _ in FakeResponse(503) }
        let host = FakeFileHost(server: server)
        server.serve { [weak host] in host?.answer($0) ?? FakeResponse(503) }
        return host
    }

    /// Puts a file where it can be fetched.
    ///
    /// - Returns: its URL.
    @discardableResult
    public func hold(_ bytes: [UInt8], type: String, at path: String) -> String {
        files.withLock { $0[path] = (bytes, type) }
        return server.origin + path
    }

    /// A file that was uploaded or held.
    public func file(at path: String) -> [UInt8]? { files.withLock { $0[path]?.bytes } }

    /// Forgets a file, as an expired link does.
    public func forget(_ path: String) { files.withLock { $0[path] = nil } }

    private func answer(_ request: RecordedRequest) -> FakeResponse {
        for name in Self.credentialHeaders where !request.values(of: name).isEmpty {
            server.note("\(request.line) carries \(name) to another origin")
            return .text(400, "credentials do not belong here")
        }
        switch request.method {
        case "GET":
            guard let file = files.withLock({ $0[request.path] }) else {
                return .text(404, "no such file")
            }
            return FakeResponse(200, file.type, file.bytes)
        case "PUT":
            guard request.query["signature"] == "valid" else { return .text(403, "signature") }
            guard request.values(of: "transfer-encoding").isEmpty,
                request.value(of: "content-length") == String(request.body.count),
                let type = request.mediaType, type == request.query["type"]
            else {
                server.note("\(request.line): the upload's framing or type is wrong")
                return .text(400, "framing or type")
            }
            hold(request.body, type: type, at: request.path)
            return FakeResponse(200)
        default:
            return FakeResponse(405)
        }
    }
}
