import Foundation

/// A pipe whose only purpose is to wake a thread that polls.
struct WakePipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    /// - Throws: `POSIXError` when the process has no descriptors left.
    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EMFILE)
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    /// Wakes the reader. A full pipe wakes it already.
    func write() {
        var byte: UInt8 = 0
        _ = Foundation.write(writeEnd, &byte, 1)
    }

    /// Everything that was written.
    func drain() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256)
        var all: [UInt8] = []
        while true {
            let count = Foundation.read(readEnd, &bytes, bytes.count)
            if count <= 0 { return all }
            all += bytes[..<count]
        }
    }

    func close() {
        _ = Foundation.close(readEnd)
        _ = Foundation.close(writeEnd)
    }
}
