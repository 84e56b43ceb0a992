import CZlib

/// zlib decompression with an upper limit on what comes out, against bombs.
enum Inflation {
    /// How many bytes the texts of a file of `count` bytes may take in all: eight times the file,
    /// at least 1 MiB and at most 16 MiB.
    static func budget(forInput count: Int) -> Int {
        min(16 << 20, max(1 << 20, count.multipliedReportingOverflow(by: 8).partialValue))
    }

    /// Inflates a zlib stream (or, with `isRaw`, a bare deflate stream).
    ///
    /// - Returns: nil when the stream is damaged or gives more than `budget`, which shrinks by what
    ///   came out.
    static func inflate(
        _ input: some Collection<UInt8>, budget: inout Int, isRaw: Bool = false
    ) -> [UInt8]? {
        var source = Array(input)
        var stream = z_stream()
        let window: Int32 = isRaw ? -15 : 15
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, window, ZLIB_VERSION, size) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        return source.withUnsafeMutableBufferPointer { source -> [UInt8]? in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            while true {
                let (status, produced) = piece.withUnsafeMutableBufferPointer { piece in
                    stream.next_out = piece.baseAddress
                    stream.avail_out = UInt32(piece.count)
                    let status = CZlib.inflate(&stream, Z_NO_FLUSH)
                    return (status, piece.count - Int(stream.avail_out))
                }
                guard produced <= budget else { return nil }
                budget -= produced
                output.append(contentsOf: piece[..<produced])
                if status == Z_STREAM_END { return output }
                guard status == Z_OK, produced > 0 || stream.avail_in > 0 else { return nil }
            }
        }
    }
}
