import Foundation

/// The index of one session file: its jobs, and how far the file was read.
struct SessionSegment {
    /// What a session file looked like when it was read.
    struct Stamp: Equatable {
        var inode: UInt64 = 0
        var byteCount: UInt64 = 0
        /// Nanoseconds since 1970.
        var modified: Int64 = 0
    }

    /// Name of the session file.
    var session: String
    var stamp = Stamp()
    /// Bytes of the file that are in the index: up to the last line feed.
    var readBytes: UInt64 = 0
    /// Bytes of the file that are in the index on the disk.
    var savedBytes: UInt64 = 0
    /// CRC-32 of samples of the file before `readBytes`: whether it only grew.
    var sampleChecksum: UInt32 = 0
    /// Lines that are no records.
    var damagedLines: UInt32 = 0
    /// Records of kinds or versions that are not known.
    var unknownRecords: UInt32 = 0
    var rows: [JobRow] = []
    /// All texts, as the rows refer to them.
    var bytes: [UInt8] = []

    init(session: String) { self.session = session }

    func text(_ text: JobRow.Text) -> String? {
        guard text.count != JobRow.Text.absent else { return nil }
        return String(decoding: bytes[range(text)], as: UTF8.self)
    }

    func range(_ text: JobRow.Text) -> Range<Int> {
        text.count == JobRow.Text.absent
            ? 0..<0 : Int(text.offset)..<Int(text.offset) + Int(text.count)
    }

    /// The summary of a row.
    func summary(_ row: JobRow) -> JobSummary {
        func positive(_ number: UInt32) -> Int? { number == 0 ? nil : Int(number) }
        func date(_ milliseconds: Int64) -> Date {
            Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        }
        return JobSummary(
            id: row.id, session: session, parent: row.parent, queuedAt: date(row.queuedAt),
            endedAt: row.endedAt == 0 ? nil : date(row.endedAt),
            status: JobStatus(code: row.status) ?? .interrupted, prompt: text(row.prompt) ?? "",
            negativePrompt: text(row.negativePrompt), backend: text(row.backend) ?? "",
            model: text(row.model), sampler: text(row.sampler),
            seed: row.has(.hasSeed) ? row.seed : nil, width: positive(row.width),
            height: positive(row.height), steps: positive(row.steps),
            tags: tags(row), note: text(row.note), isStarred: row.has(.starred),
            rating: Int(row.rating), isRemoved: row.has(.removed), imageCount: Int(row.imageCount),
            firstImage: text(row.firstImage))
    }

    func tags(_ row: JobRow) -> [String] {
        text(row.tags)?.split(separator: "\n").map { String($0) } ?? []
    }
}
