import Foundation
import Generation

/// Writes files so that a reader sees the old content or the new one, never a part.
public enum AtomicFile {
    /// Who may read a new file.
    public enum Access: Sendable {
        /// Only its owner (mode 0600): for files that hold prompts.
        case owner
        /// What the process's umask allows.
        case ordinary

        var mode: mode_t {
            switch self {
            case .owner: 0o600
            case .ordinary: 0o666
            }
        }
    }

    /// Writes `bytes` to a temporary file in the same folder, flushes it to the disk and renames
    /// it. Devices and pipes are written directly. A symbolic link keeps pointing where it points.
    ///
    /// - Throws: ``FileError``; no partial file is left.
    public static func write(_ bytes: [UInt8], to path: String, access: Access = .owner) throws {
        let target = destination(of: path)
        if let kind = kind(of: target), kind != S_IFREG {
            guard kind != S_IFDIR else { throw FileError(.write, path: path, code: EISDIR) }
            return try writeDirectly(bytes, to: target, as: path)
        }
        try checkLength(of: target, as: path)
        let temporary = temporaryName(beside: target)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, access.mode)
        guard descriptor >= 0 else { throw FileError(.write, path: path, code: errno) }
        var failure = writeAll(bytes, to: descriptor)
        if failure == nil, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == nil { failure = errno }
        if failure == nil, rename(temporary, target) != 0 { failure = errno }
        if let failure {
            unlink(temporary)
            throw FileError(.write, path: path, code: failure)
        }
        flushFolder(of: target)
    }

    /// Whether a file could be written at `path`, found out without leaving anything there: the
    /// folder exists and takes a new file, the target is no folder.
    ///
    /// - Throws: ``FileError`` with the reason why not.
    public static func checkWritable(_ path: String) throws {
        let target = destination(of: path)
        guard !path.isEmpty else {
            throw FileError(.write, path: path, reason: "the path is empty")
        }
        if let kind = kind(of: target) {
            guard kind != S_IFDIR else { throw FileError(.write, path: path, code: EISDIR) }
            guard access(target, W_OK) == 0 else {
                throw FileError(.write, path: path, code: errno)
            }
            if kind != S_IFREG { return }
        }
        try checkLength(of: target, as: path)
        let temporary = temporaryName(beside: target)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(.write, path: path, code: errno) }
        close(descriptor)
        unlink(temporary)
    }

    /// What `path` leads to: the target of a symbolic link where that exists.
    private static func destination(of path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// The temporary file's name is short where the target's is not, so that the target is asked
    /// for itself: its file system knows its limits.
    private static func checkLength(of target: String, as path: String) throws {
        var status = stat()
        if lstat(target, &status) != 0, errno == ENAMETOOLONG {
            throw FileError(.write, path: path, code: ENAMETOOLONG)
        }
    }

    private static func kind(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// A hidden name in the same folder; `O_EXCL` refuses one that exists.
    private static func temporaryName(beside path: String) -> String {
        let url = URL(fileURLWithPath: path)
        let unique = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        // A long name with our additions must stay within the 255 bytes of a file name.
        let name = String(decoding: url.lastPathComponent.utf8.prefix(200), as: UTF8.self)
        return url.deletingLastPathComponent().appendingPathComponent(".\(name).\(unique).part")
            .path
    }

    private static func writeDirectly(_ bytes: [UInt8], to target: String, as path: String) throws {
        let descriptor = open(target, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.write, path: path, code: errno) }
        var failure = writeAll(bytes, to: descriptor)
        if close(descriptor) != 0, failure == nil { failure = errno }
        if let failure { throw FileError(.write, path: path, code: failure) }
    }

    /// Returns the error, or nil when everything is written.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                done += count
            }
            return nil
        }
    }

    /// Makes the new name durable. A file system that cannot do it has no better way, so the result
    /// is not looked at.
    private static func flushFolder(of path: String) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
