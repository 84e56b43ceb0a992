import CZlib
import Providers

/// Decompresses `gzip` and `deflate` piece by piece, never more than is allowed.
final class Inflater {
    // zlib keeps the address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isFinished = false
    private var hasInput = false

    /// - Returns: nil for a body that is not compressed.
    /// - Throws: ``TransportError`` for a coding that is not known.
    init?(encoding: String?) throws {
        stream.initialize(to: z_stream())
        let name = (encoding ?? "").lowercased().filter { $0 != " " }
        switch name {
        case "", "identity": return nil
        case "gzip", "x-gzip", "deflate": break
        default:
            throw TransportError(
                .malformed, detail: "it is encoded as \(name), which nobody asked for",
                mayHaveArrived: true)
        }
        // 15 bits of window; 32 tells gzip and zlib apart by their heads.
        let status = inflateInit2_(
            stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw Self.damaged }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// What a piece becomes.
    ///
    /// - Throws: ``TransportError`` for damaged data and when more than `limit` bytes come out.
    func expand(_ piece: [UInt8], limit: Int) throws -> [UInt8] {
        var piece = piece
        var output: [UInt8] = []
        hasInput = hasInput || !piece.isEmpty
        var room = [UInt8](repeating: 0, count: 64 << 10)
        let count = piece.count
        try piece.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(count)
            repeat {
                guard !isFinished else { return }
                let status = room.withUnsafeMutableBufferPointer { room -> Int32 in
                    stream.pointee.next_out = room.baseAddress
                    stream.pointee.avail_out = UInt32(room.count)
                    return inflate(stream, Z_NO_FLUSH)
                }
                guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else {
                    throw Self.damaged
                }
                output += room[..<(room.count - Int(stream.pointee.avail_out))]
                if output.count > limit {
                    throw TransportError(
                        .tooLarge(limit: limit), detail: "compressed data expand too far",
                        mayHaveArrived: true)
                }
                isFinished = status == Z_STREAM_END
                if status == Z_BUF_ERROR { break }
            } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
        }
        stream.pointee.next_in = nil
        stream.pointee.avail_in = 0
        return output
    }

    /// Checks that the data were whole.
    func finish() throws {
        guard isFinished || !hasInput else { throw Self.damaged }
    }

    private static var damaged: TransportError {
        TransportError(.malformed, detail: "the compressed data are damaged", mayHaveArrived: true)
    }
}
