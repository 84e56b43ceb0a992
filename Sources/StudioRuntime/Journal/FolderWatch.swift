import Foundation
import Glibc

/// Tells which files of a folder change, without asking again and again (inotify).
final class FolderWatch: Sendable {
    /// Names of files that were written, created, renamed or deleted.
    let names: AsyncStream<String>
    private let wakeUp: Int32

    /// Watches a folder; nil where that cannot be done.
    init?(_ folder: URL) {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        let mask = UInt32(IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM)
        var ends: [Int32] = [0, 0]
        guard inotify_add_watch(descriptor, folder.path, mask) >= 0, pipe(&ends) == 0 else {
            close(descriptor)
            return nil
        }
        let (reading, writing) = (ends[0], ends[1])
        wakeUp = writing
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        names = stream
        let thread = Thread {
            Self.read(descriptor, until: reading) { continuation.yield($0) }
            continuation.finish()
            close(descriptor)
            close(reading)
        }
        thread.name = "journal"
        thread.start()
    }

    deinit { close(wakeUp) }

    /// Reads until the other end of the pipe is closed.
    private static func read(
        _ descriptor: Int32, until end: Int32, _ report: (String) -> Void
    ) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            var waiting = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: end, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waiting, 2, -1) >= 0 else {
                if errno == EINTR { continue }
                return
            }
            if waiting[1].revents != 0 { return }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                return
            }
            for name in names(in: buffer[..<count]) { report(name) }
        }
    }

    /// The names in a buffer of `inotify_event`: 12 bytes, the length of the name, the name with
    /// zeros behind it.
    static func names(in bytes: ArraySlice<UInt8>) -> [String] {
        var names: [String] = []
        var rest = bytes
        while rest.count >= 16 {
            let length = rest.dropFirst(12).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            let name = rest.dropFirst(16).prefix(length).prefix { $0 != 0 }
            if !name.isEmpty { names.append(String(decoding: name, as: UTF8.self)) }
            rest = rest.dropFirst(16 + length)
        }
        return names
    }
}
