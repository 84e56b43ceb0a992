import Foundation
import Generation
import Glibc

/// The sign of life of a writing process: a lock that the kernel drops when the process ends,
/// however it ends.
///
/// A job that is queued or running while the lock of its writer is free was interrupted.
struct WriterLock {
    let writer: ULID
    private let url: URL
    private let descriptor: Int32

    /// Takes the lock of a new writer.
    ///
    /// - Throws: ``JournalError``.
    init(writer: ULID, in folder: URL) throws {
        self.writer = writer
        url = Self.file(of: writer, in: folder)
        descriptor = try Self.take(url)
    }

    /// Creates and locks the file; again when another process swept it away in between.
    private static func take(_ url: URL) throws -> Int32 {
        while true {
            let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw SessionFile.systemError(url, "create") }
            guard flock(descriptor, LOCK_EX) == 0 || errno == EINTR else {
                close(descriptor)
                throw SessionFile.systemError(url, "lock")
            }
            var (opened, named) = (stat(), stat())
            if fstat(descriptor, &opened) == 0, stat(url.path, &named) == 0,
                opened.st_ino == named.st_ino, flock(descriptor, LOCK_EX | LOCK_NB) == 0
            {
                return descriptor
            }
            close(descriptor)
        }
    }

    /// Gives the lock up and removes its file.
    func release() {
        unlink(url.path)
        close(descriptor)
    }

    /// Whether the process that took the lock is still there.
    static func isAlive(_ writer: ULID, in folder: URL) -> Bool {
        let descriptor = open(file(of: writer, in: folder).path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }

    /// Removes the lock files of processes that are gone.
    static func removeStale(in folder: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names {
            guard let writer = ULID(name.prefix(26)), !isAlive(writer, in: folder) else { continue }
            unlink(file(of: writer, in: folder).path)
        }
    }

    private static func file(of writer: ULID, in folder: URL) -> URL {
        folder.appendingPathComponent("\(writer).lock")
    }
}
