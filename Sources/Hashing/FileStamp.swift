import Foundation
import Glibc

/// Size, inode and time of the last change of a file: what tells that it was not touched.
struct FileStamp: Equatable {
    var byteCount: Int
    var inode: UInt64
    /// Nanoseconds since 1970.
    var modified: Int64

    /// - Throws: `CocoaError` when the file cannot be examined.
    init(path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw CocoaError(.fileReadNoSuchFile, userInfo: [NSFilePathErrorKey: path])
        }
        byteCount = Int(status.st_size)
        inode = UInt64(status.st_ino)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }
}
