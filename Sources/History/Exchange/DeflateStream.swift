import CZlib

/// Bare deflate streams, as ZIP archives hold them.
enum DeflateStream {
    /// Inflates a stream that gives exactly `limit` bytes; nil when it is damaged or gives more.
    static func inflate(_ input: [UInt8], limit: Int) -> [UInt8]? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, size) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var source = input
        // A bomb states a size that it does not have; deflate gains at most a factor of 1032.
        guard limit <= max(1 << 20, input.count * 1032) else { return nil }
        var output = [UInt8](repeating: 0, count: limit + 1)
        let status = source.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(clamping: source.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(clamping: output.count)
                return CZlib.inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, Int(stream.total_out) == limit else { return nil }
        output.removeLast()
        return output
    }
}
