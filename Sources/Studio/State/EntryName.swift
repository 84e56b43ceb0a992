import Generation

/// The journal's name of an entry, kept in sixteen bytes beside it: a history of a hundred thousand
/// entries is no hundred thousand small texts on the heap.
enum EntryName: Hashable, Sendable {
    case job(ULID)
    /// What is no name as the journal writes it.
    case other(String)

    init(_ text: String) {
        let isLowercase = text.utf8.contains { (0x61...0x7A).contains($0) }
        if !isLowercase, let job = ULID(text) {
            self = .job(job)
        } else {
            self = .other(text)
        }
    }

    /// As it was given.
    var text: String {
        switch self {
        case .job(let job): job.description
        case .other(let text): text
        }
    }
}
