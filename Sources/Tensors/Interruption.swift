/// The cancellation check of a `Compute`, and what it threw inside C.
final class Interruption {
    var check: (() throws -> Void)?
    private var error: (any Error)?

    /// Throws when the work is already cancelled.
    func begin() throws {
        error = nil
        try check?()
    }

    /// 1 when the work must stop; keeps the error for `takeError`.
    func stops() -> Int32 {
        guard error == nil, let check else { return error == nil ? 0 : 1 }
        do {
            try check()
            return 0
        } catch {
            self.error = error
            return 1
        }
    }

    func takeError() -> (any Error)? {
        defer { error = nil }
        return error
    }
}
