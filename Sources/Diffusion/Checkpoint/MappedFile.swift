import Foundation
import Glibc

/// A file mapped into memory for reading.
///
/// The mapping is private and read-only; pages come from the page cache when they are touched. A
/// file that another process truncates while it is mapped ends this process (SIGBUS), as with every
/// program that maps its weights.
final class MappedFile: @unchecked Sendable {
    // Unchecked: the bytes are never written and stay mapped for the object's lifetime.

    /// The path as given.
    let path: String
    /// All bytes of the file.
    let bytes: UnsafeRawBufferPointer

    /// Maps the file at `path`.
    ///
    /// - Throws: ``WeightsError`` when it is missing, no regular file, or cannot be read.
    init(path: String) throws(WeightsError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .notFound(path: path) }
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, reason: "it is not a regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            throw .malformed(file: path, reason: "the file is empty")
        }
        let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }

    /// Gives the pages inside `range` back, so that weights which were converted once do not count
    /// as resident any more. They are read again when touched again.
    func release(_ range: Range<Int>) {
        let page = 4096
        let start = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard end > start, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }
}
