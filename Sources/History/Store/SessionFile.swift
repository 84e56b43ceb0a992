import Foundation
import Generation
import Glibc

/// Appends lines to one session file so that no reader and no crash ever sees half a record.
///
/// Every append holds an exclusive `flock` on the file, so several processes can write to the same
/// session. A torn last line, left by a writer that was killed, is repaired by the next append.
struct SessionFile {
    let url: URL
    private let descriptor: Int32

    /// What an append found and did.
    struct Appended {
        /// Offset of the line in the file.
        var offset: Int
        /// Bytes of a torn last line that were set aside, 0 when the file was intact.
        var tornBytes = 0
    }

    /// Opens or creates the file, readable by its owner only.
    ///
    /// - Throws: ``JournalError``.
    init(url: URL) throws {
        self.url = url
        descriptor = try Self.openRegular(
            url, O_RDWR | O_CREAT | O_APPEND, acceptsDevices: true)
    }

    /// Opens a regular file and nothing else: a pipe would wait for somebody at its other end, so it
    /// is opened without waiting and then refused.
    ///
    /// - Parameter acceptsDevices: whether a character device will do, which never makes a writer
    ///   wait; `/dev/full` stands for a full disk.
    /// - Throws: ``JournalError``.
    static func openRegular(
        _ url: URL, _ flags: Int32, acceptsDevices: Bool = false
    ) throws -> Int32 {
        let descriptor = Glibc.open(url.path, flags | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            if [EISDIR, ENXIO].contains(errno) {
                throw JournalError.notARegularFile(file: url.path)
            }
            throw systemError(url, "open")
        }
        var status = stat()
        let accepted = acceptsDevices ? [S_IFREG, S_IFCHR] : [S_IFREG]
        guard fstat(descriptor, &status) == 0, accepted.contains(status.st_mode & S_IFMT) else {
            _ = Glibc.close(descriptor)
            throw JournalError.notARegularFile(file: url.path)
        }
        return descriptor
    }

    /// - Throws: ``JournalError/notARegularFile(file:)`` for a folder, pipe or device.
    static func requireRegular(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
            throw JournalError.notARegularFile(file: path)
        }
    }

    /// Closes the file; the value must not be used afterwards.
    func close() { _ = Glibc.close(descriptor) }

    /// Whether the path still leads to this file; a repair replaces it.
    var isCurrent: Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && stat(url.path, &named) == 0
            && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }

    /// Runs `body` while no other process writes to the file.
    func locked<Result>(_ body: () throws -> Result) throws -> Result {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw Self.systemError(url, "lock") }
        }
        defer { flock(descriptor, LOCK_UN) }
        return try body()
    }

    /// Appends complete lines. Call it inside ``locked(_:)``.
    ///
    /// - Parameters:
    ///   - lines: one or more lines, each with its line feed.
    ///   - isDurable: whether the data must be on the disk when the call returns.
    /// - Throws: ``JournalError``; the file is then as long as before.
    func append(_ lines: [UInt8], isDurable: Bool) throws -> Appended {
        let torn = try repairTail()
        let start = try size()
        do {
            try write(lines)
            if isDurable, fdatasync(descriptor) != 0 { throw Self.systemError(url, "write") }
        } catch {
            _ = ftruncate(descriptor, off_t(start))
            throw error
        }
        return Appended(offset: start, tornBytes: torn)
    }

    /// Waits until everything written is on the disk.
    ///
    /// - Throws: ``JournalError``.
    func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw Self.systemError(url, "write") }
    }

    private func size() throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.systemError(url, "read") }
        return Int(status.st_size)
    }

    private func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Self.systemError(url, "write") }
            rest = rest.dropFirst(written)
        }
    }

    // MARK: The torn last line

    /// Makes the file end with a line feed. A last line that is whole gets one; half a line moves to
    /// the side file.
    ///
    /// - Returns: how many bytes were set aside.
    func repairTail() throws -> Int {
        let end = try size()
        guard end > 0, try read(from: end - 1, count: 1).first != 0x0A else { return 0 }
        let start = try startOfLastLine(endingAt: end)
        let tail = try read(from: start, count: end - start)
        if RecordScanner.isWholeRecord(tail) {
            try write([0x0A])
            return 0
        }
        try Self.setAside([tail], from: url)
        guard ftruncate(descriptor, off_t(start)) == 0 else {
            throw Self.systemError(url, "repair")
        }
        return tail.count
    }

    private func startOfLastLine(endingAt end: Int) throws -> Int {
        var end = end
        while end > 0 {
            let start = max(0, end - 64 << 10)
            let piece = try read(from: start, count: end - start)
            if let feed = piece.lastIndex(of: 0x0A) { return start + feed + 1 }
            end = start
        }
        return 0
    }

    private func read(from offset: Int, count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = bytes.withUnsafeMutableBytes {
            pread(descriptor, $0.baseAddress, $0.count, off_t(offset))
        }
        guard got >= 0 else { throw Self.systemError(url, "read") }
        return Array(bytes[..<got])
    }

    // MARK: Side file

    /// Where damaged lines of a session go: beside it, with `.damaged` behind the name.
    static func sideFile(of session: URL) -> URL { session.appendingPathExtension("damaged") }

    /// Appends damaged lines, as they are, to the side file of a session.
    static func setAside(_ lines: [[UInt8]], from session: URL) throws {
        let side = try SessionFile(url: sideFile(of: session))
        defer { side.close() }
        for line in lines { try side.write(line + [0x0A]) }
    }

    /// The error of the system call that just failed.
    static func systemError(_ url: URL, _ action: String) -> JournalError {
        let code = errno
        return code == ENOSPC || code == EDQUOT
            ? .diskFull(file: url.path) : .system(file: url.path, action: action, code: code)
    }
}
