import Foundation
import Glibc

/// Reads a file line by line through a buffer that never holds more than one line and one piece.
struct LineReader {
    /// A longer line is not held in memory; it counts as damaged.
    static let maximumLineBytes = 32 << 20
    private static let pieceBytes = 1 << 20

    /// One line, valid during the callback only.
    struct Line {
        /// Content without the line feed; empty when the line is too long.
        let bytes: UnsafeBufferPointer<UInt8>
        /// Offset in the file.
        let offset: Int
        /// Bytes in the file, without the line feed.
        let byteCount: Int
        /// Number from 1, counted from where the reading began.
        let number: Int
        /// Whether a line feed follows; the last line of a file that is being written may lack it.
        let isTerminated: Bool

        var isTooLong: Bool { bytes.count != byteCount }
        /// Blank lines mean nothing. (A long one is not worth looking at.)
        var isBlank: Bool {
            bytes.count == byteCount && byteCount < 256
                && bytes.allSatisfy { $0 == 0x20 || $0 == 0x0D }
        }
    }

    private var buffer = [UInt8](repeating: 0, count: pieceBytes)
    /// Bytes at the front of the buffer that belong to a line whose end is not yet read.
    private var held = 0
    /// Where that line begins in the file.
    private var lineOffset: Int
    /// Whether the beginning of that line was dropped because it is too long.
    private var isOverlong = false
    private var number = 1

    /// Calls `body` with every line of a file, from byte `start` on.
    ///
    /// - Throws: ``JournalError`` when the file cannot be read; what `body` throws.
    static func forEachLine(
        of url: URL, from start: Int = 0, _ body: (Line) throws -> Void
    ) throws {
        let descriptor = try SessionFile.openRegular(url, O_RDONLY)
        defer { close(descriptor) }
        var reader = LineReader(lineOffset: start)
        var offset = start
        while true {
            let got = reader.buffer.withUnsafeMutableBytes { raw in
                pread(
                    descriptor, raw.baseAddress.map { $0 + reader.held }, raw.count - reader.held,
                    off_t(offset))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw SessionFile.systemError(url, "read") }
            if got == 0 { break }
            offset += got
            try reader.emit(read: got, endingAt: offset, body)
        }
        try reader.emitRest(endingAt: offset, body)
    }

    private init(lineOffset: Int) { self.lineOffset = lineOffset }

    /// Emits the lines that `count` new bytes behind the held ones complete.
    private mutating func emit(
        read count: Int, endingAt end: Int, _ body: (Line) throws -> Void
    ) throws {
        let filled = held + count
        var begin = 0
        var search = held
        try buffer.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            while search < filled, let feed = memchr(base + search, 0x0A, filled - search) {
                let stop = UnsafeRawPointer(feed) - UnsafeRawPointer(base)
                try emit(bytes.slice(begin..<stop), endingAt: end - filled + stop, true, body)
                begin = stop + 1
                search = begin
                lineOffset = end - filled + begin
            }
        }
        held = filled - begin
        if held > Self.maximumLineBytes {
            isOverlong = true
            held = 0
        }
        buffer.withUnsafeMutableBytes { raw in
            guard let base = raw.baseAddress, held > 0, begin > 0 else { return }
            memmove(base, base + begin, held)
        }
        if held == buffer.count { buffer += [UInt8](repeating: 0, count: held) }
    }

    private mutating func emitRest(endingAt end: Int, _ body: (Line) throws -> Void) throws {
        guard end > lineOffset else { return }
        let rest = Array(buffer[..<held])
        try rest.withUnsafeBufferPointer { try emit($0, endingAt: end, false, body) }
    }

    private mutating func emit(
        _ bytes: UnsafeBufferPointer<UInt8>, endingAt end: Int, _ isTerminated: Bool,
        _ body: (Line) throws -> Void
    ) throws {
        let isTooLong = isOverlong || bytes.count > Self.maximumLineBytes
        let line = Line(
            bytes: isTooLong ? bytes.slice(0..<0) : bytes, offset: lineOffset,
            byteCount: end - lineOffset, number: number, isTerminated: isTerminated)
        isOverlong = false
        number += 1
        try body(line)
    }
}
