import NIOCore
import NIOPosix
import Synchronization

/// Writes a body piece by piece, in the rhythm that faults ask for.
public final class FakeBodyWriter: Sendable {
    /// How the bytes of a body reach the wire.
    struct Rhythm: Sendable {
        /// Pieces of so many bytes with a pause after each.
        var pieces: (size: Int, pause: Duration)?
        /// Where the body ends too early, and whether by a reset.
        var cut: (after: Int, resets: Bool)?
        /// A reset after the complete answer.
        var resetsAtEnd = false
        /// A `Content-Length` in place of chunks.
        var declaredLength: Int?
    }

    /// Thrown when a body was cut on purpose.
    struct Cut: Error {}

    private let channel: any Channel
    private let isChunked: Bool
    private let rhythm: Rhythm
    private let written = Mutex(0)

    init(channel: any Channel, isChunked: Bool, rhythm: Rhythm) {
        self.channel = channel
        self.isChunked = isChunked
        self.rhythm = rhythm
    }

    /// Sends text as one chunk.
    public func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    /// Sends bytes as one chunk, unless a fault cuts or splits them.
    public func write(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        if let cut = rhythm.cut {
            let room = max(0, cut.after - written.withLock { $0 })
            if rest.count >= room {
                try await send(rest.prefix(room))
                try await self.cut(resets: cut.resets)
            }
        }
        while !rest.isEmpty {
            let piece = rest.prefix(rhythm.pieces?.size ?? rest.count)
            rest = rest.dropFirst(piece.count)
            try await send(piece)
            if let pause = rhythm.pieces?.pause { try await Task.sleep(for: pause) }
        }
    }

    /// Waits.
    public func wait(_ duration: Duration) async throws { try await Task.sleep(for: duration) }

    /// Ends the body where it stands, by a reset or in good order but without its end.
    public func cut(resets: Bool) async throws {
        if resets {
            await Self.reset(channel)
        } else {
            try? await channel.close()
        }
        throw Cut()
    }

    /// So many bytes of nothing.
    func fill(_ count: Int) async throws {
        let block = [UInt8](repeating: 0x20, count: 1 << 16)
        var left = count
        while left > 0 {
            try await write(Array(block.prefix(left)))
            left -= block.count
        }
    }

    func raw(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func end() async throws {
        if isChunked { try await raw(Array("0\r\n\r\n".utf8)) }
        if rhythm.resetsAtEnd {
            // A reset that overtakes the reader takes what it has not read: that would be a cut.
            try await Task.sleep(for: .milliseconds(500))
            try await cut(resets: true)
        }
    }

    private func send(_ bytes: ArraySlice<UInt8>) async throws {
        guard !bytes.isEmpty else { return }
        written.withLock { $0 += bytes.count }
        var buffer = ByteBuffer()
        if isChunked { buffer.writeString(String(bytes.count, radix: 16) + "\r\n") }
        buffer.writeBytes(bytes)
        if isChunked { buffer.writeString("\r\n") }
        try await channel.writeAndFlush(buffer)
    }

    /// Sends a RST: what a crashed server or a broken path looks like.
    static func reset(_ channel: any Channel) async {
        let options = channel as? any SocketOptionProvider
        try? await options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try? await channel.close()
    }
}
