import Foundation
import Generation

/// Why the journal could not be read or written.
public enum JournalError: UserFacingError, Hashable {
    /// The disk that holds the journal is full; nothing of the record was left behind.
    case diskFull(file: String)
    /// A system call failed; nothing of the record was left behind.
    case system(file: String, action: String, code: Int32)
    /// No job has this identifier.
    case noSuchJob(String)
    /// Several jobs answer to an abbreviated identifier.
    case ambiguousJob(String, candidates: [String])
    /// The job was written by a newer version of the program.
    case unreadableJob(String)
    /// The file is not a session file.
    case notASession(file: String, reason: String)
    /// A folder, pipe or device where a session file is expected.
    case notARegularFile(file: String)
    /// A value that an operation does not take.
    case badValue(String)

    public var summary: String {
        switch self {
        case .diskFull(let file): "The journal \(printable(file)) cannot grow: the disk is full"
        case .system(let file, let action, let code):
            "Cannot \(action) \(printable(file)): \(String(cString: strerror(code)))"
        case .noSuchJob(let id): "No job has the identifier \(printable(id, limit: 40))"
        case .ambiguousJob(let id, let candidates):
            "\(candidates.count) jobs answer to \(printable(id, limit: 40))"
        case .unreadableJob(let id):
            "The job \(printable(id, limit: 40)) was recorded by a newer version of latent"
        case .notASession(let file, let reason):
            "\(printable(file)) is not a session file: \(printable(reason))"
        case .notARegularFile(let file): "\(printable(file)) is not a regular file"
        case .badValue(let reason): reason
        }
    }

    public var hint: String? {
        switch self {
        case .diskFull: "free some space; the picture itself can be saved elsewhere with --output"
        case .system: "check that the folder exists and belongs to you"
        case .noSuchJob: "`latent history list` shows the identifiers"
        case .ambiguousJob(_, let candidates):
            "give more of it: " + candidates.prefix(4).joined(separator: ", ")
        case .unreadableJob: "update latent to use it"
        case .notASession, .notARegularFile, .badValue: nil
        }
    }
}
