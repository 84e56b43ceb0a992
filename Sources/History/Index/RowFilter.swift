import Foundation
import Glibc

/// A query prepared for comparing with many rows.
struct RowFilter {
    private let words: [[UInt8]]
    private let isFuzzy: Bool
    private let tags: Set<String>
    private let isStarred: Bool?
    private let model: [UInt8]?
    private let backend: [UInt8]?
    private let since: Int64
    private let until: Int64
    private let status: UInt8?
    private let minimumRating: Int
    private let showsRemoved: Bool

    init(_ query: HistoryQuery) {
        func milliseconds(_ date: Date) -> Int64 {
            let value = date.timeIntervalSince1970 * 1000
            return Int64(exactly: value.rounded()) ?? (value < 0 ? .min : .max)
        }
        words = SearchText.folded(query.text ?? "").split(separator: 0x20).map { Array($0) }
        isFuzzy = query.isFuzzy
        tags = Set(query.tags)
        isStarred = query.isStarred
        model = query.model.map { SearchText.folded($0) }
        backend = query.backend.map { Array($0.utf8) }
        since = query.since.map { milliseconds($0) } ?? .min
        until = query.until.map { milliseconds($0) } ?? .max
        status = query.status?.code
        minimumRating = query.minimumRating
        showsRemoved = query.showsRemoved
    }

    /// How well the row fits, nil when it does not.
    func score(
        _ row: JobRow, _ segment: SessionSegment, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        guard row.has(.removed) == showsRemoved, row.queuedAt >= since, row.queuedAt < until,
            Int(row.rating) >= minimumRating, status == nil || status == row.status,
            isStarred == nil || isStarred == row.has(.starred)
        else { return nil }
        if let backend, !bytes[segment.range(row.backend)].elementsEqual(backend) { return nil }
        if let model {
            let name = SearchText.folded(Array(bytes[segment.range(row.model)]))
            let isFound = name.withUnsafeBufferPointer { Self.contains(model, in: $0) }
            guard isFound else { return nil }
        }
        guard tags.isEmpty || tags.isSubset(of: segment.tags(row)) else { return nil }
        return textScore(bytes.slice(segment.range(row.searchable)))
    }

    private func textScore(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        var total = 0
        for word in words {
            if Self.contains(word, in: text) {
                total += 16 * word.count
            } else if isFuzzy, let score = FuzzyMatch.score(word, in: text) {
                total += score
            } else {
                return nil
            }
        }
        return total
    }

    /// Whether `word` occurs in `text`: `memchr` finds candidates by the first byte.
    private static func contains(_ word: [UInt8], in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = word.first else { return true }
        guard let base = text.baseAddress, text.count >= word.count else { return false }
        let last = base + (text.count - word.count)
        var candidate = base
        while candidate <= last,
            let found = memchr(candidate, Int32(first), last - candidate + 1)
        {
            if memcmp(found, word, word.count) == 0 { return true }
            candidate = base + (UnsafeRawPointer(found) - UnsafeRawPointer(base)) + 1
        }
        return false
    }
}
