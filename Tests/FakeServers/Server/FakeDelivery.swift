import CZlib
import NIOCore

/// Brings one answer onto the wire, with the faults that were asked for.
struct FakeDelivery: Sendable {
    let request: RecordedRequest
    let channel: any Channel
    let server: FakeServer

    func run() async {
        let (faults, handler) = server.plan(for: request)
        var rhythm = FakeBodyWriter.Rhythm()
        do {
            guard var response = try await response(faults, handler) else { return }
            for fault in faults {
                guard try await apply(fault, to: &response, &rhythm) else { return }
            }
            try await send(response, rhythm)
        } catch is FakeBodyWriter.Cut {
        } catch {
            server.abandoned()
            try? await channel.close()
        }
    }

    /// The service's answer, or what replaces it; nil when the connection is gone already.
    private func response(
        _ faults: [Fault], _ handler: FakeServer.Handler?
    ) async throws -> FakeResponse? {
        for fault in faults {
            switch fault {
            case .answer(let response): return response
            case .reply(let make): return make(request)
            case .resetBeforeResponse:
                await reset()
                return nil
            case .closeBeforeResponse:
                try await channel.close()
                return nil
            default: break
            }
        }
        return await handler?(request) ?? FakeResponse(500)
    }

    /// Changes the answer or how it is sent; false when nothing more is to be sent.
    private func apply(
        _ fault: Fault, to response: inout FakeResponse, _ rhythm: inout FakeBodyWriter.Rhythm
    ) async throws -> Bool {
        switch fault {
        case .answer, .reply, .resetBeforeResponse, .closeBeforeResponse: break
        case .resetAfterWork:
            await reset()
            return false
        case .noResponse:
            try await channel.closeFuture.get()
            return false
        case .cutBody(let count, let resets):
            rhythm.cut = (count, resets)
        case .resetAfterBody: rhythm.resetsAtEnd = true
        case .delay(let duration): try await Task.sleep(for: duration)
        case .trickle(let piece, let pause): rhythm.pieces = (max(1, piece), pause)
        case .contentType(let type):
            response.headers.removeAll { $0.name.lowercased() == "content-type" }
            response.headers.append(("Content-Type", type))
        case .headers(let fields): response.headers += fields
        case .body(let bytes): response.body = .bytes(bytes)
        case .oversize(let bytes, let isDeclared):
            if isDeclared {
                rhythm.declaredLength = bytes
            }
            response.body = .stream { try await $0.fill(bytes) }
        case .gzipBomb(let bytes):
            response.headers.append(("Content-Encoding", "gzip"))
            response.body = .bytes(try Self.gzippedZeros(bytes))
        }
        return true
    }

    private func send(_ response: FakeResponse, _ rhythm: FakeBodyWriter.Rhythm) async throws {
        var head = "HTTP/1.1 \(response.status) Fake\r\n"
        for (name, value) in response.headers { head += "\(name): \(value)\r\n" }
        switch response.body {
        case .bytes(let bytes):
            let writer = FakeBodyWriter(channel: channel, isChunked: false, rhythm: rhythm)
            if response.status != 204 && response.status != 304 {
                head += "Content-Length: \(bytes.count)\r\n"
            }
            try await writer.raw(Array((head + "\r\n").utf8))
            if request.method != "HEAD" { try await writer.write(bytes) }
            try await writer.end()
        case .stream(let make):
            let isChunked = rhythm.declaredLength == nil
            let writer = FakeBodyWriter(channel: channel, isChunked: isChunked, rhythm: rhythm)
            head +=
                rhythm.declaredLength.map { "Content-Length: \($0)\r\n" }
                ?? "Transfer-Encoding: chunked\r\n"
            try await writer.raw(Array((head + "\r\n").utf8))
            try await make(writer)
            try await writer.end()
        case .webSocket(let converse):
            try await FakeWebSocket.open(on: channel, request: request, head: head, converse)
        }
    }

    private func reset() async { await FakeBodyWriter.reset(channel) }

    /// A gzip stream that expands to so many zeros.
    private static func gzippedZeros(_ count: Int) throws -> [UInt8] {
        var stream = z_stream()
        let opened = deflateInit2_(
            &stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { throw ChannelError.inappropriateOperationForState }
        defer { deflateEnd(&stream) }
        var zeros = [UInt8](repeating: 0, count: 1 << 16)
        var packed = [UInt8](repeating: 0, count: 1 << 16)
        var result: [UInt8] = []
        var left = count
        while true {
            let portion = min(left, zeros.count)
            left -= portion
            let isLast = left == 0
            var status = Z_OK
            zeros.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(portion)
                repeat {
                    let space = packed.count
                    let written = packed.withUnsafeMutableBufferPointer { output -> Int in
                        stream.next_out = output.baseAddress
                        stream.avail_out = UInt32(space)
                        status = deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                        return space - Int(stream.avail_out)
                    }
                    result += packed[..<written]
                } while stream.avail_out == 0
            }
            if isLast && status == Z_STREAM_END { return result }
        }
    }
}
