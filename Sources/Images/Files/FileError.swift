import Foundation
import Generation

/// A file operation that failed, in words.
public struct FileError: UserFacingError, Hashable {
    /// What was attempted.
    public enum Operation: String, Sendable {
        case read, write
    }

    /// What was attempted.
    public let operation: Operation
    /// The path as given.
    public let path: String
    /// The `errno` value; 0 when the reason is our own.
    public let code: Int32
    /// The reason in words.
    public let reason: String

    /// A failure with `errno`'s value.
    public init(_ operation: Operation, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
        reason = String(cString: strerror(code))
    }

    /// A failure for a reason that is not the system's.
    public init(_ operation: Operation, path: String, reason: String) {
        self.operation = operation
        self.path = path
        code = 0
        self.reason = reason
    }

    public var summary: String {
        let verb = operation == .read ? "read" : "written"
        return "\(printable(path)) could not be \(verb): \(printable(reason))"
    }

    public var hint: String? {
        switch (operation, code) {
        case (_, ENOSPC), (_, EDQUOT): "free some space, or write to another disk"
        case (_, EACCES), (_, EPERM): "check who may \(operation.rawValue) it"
        case (.write, ENOENT), (.write, ENOTDIR): "create the folder first"
        case (.read, ENOENT): "check the path"
        case (.write, ENAMETOOLONG): "choose a shorter name"
        case (.write, EROFS): "choose a folder on another file system"
        default: nil
        }
    }
}
