import Generation
import Glibc

/// The head of a record and where its other members lie, read without decoding them.
///
/// This is what makes an index over 100,000 jobs possible in seconds; ``JournalRecord/init(line:)``
/// reads the whole of a line where it is needed.
struct RecordScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var version = 0
    private(set) var kind: Range<Int> = 0..<0
    private(set) var milliseconds: Int64 = 0
    private(set) var job: ULID?
    /// Members beside the head, in order of the line.
    private(set) var members: [(key: Range<Int>, value: Range<Int>)] = []

    /// - Returns: nil when the line is not an intact record.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        var scanner = ObjectScanner(bytes, in: 0..<bytes.count)
        var hasTime = false
        members.reserveCapacity(8)
        while let (key, value) = scanner.next() {
            if bytes.holds("version", at: key) {
                // Half a line and half another can look like one; then keys occur twice.
                guard version == 0 else { return nil }
                version = bytes.integer(at: value) ?? 0
            } else if bytes.holds("record", at: key) {
                guard kind.isEmpty else { return nil }
                kind = bytes.content(ofString: value)
            } else if bytes.holds("time", at: key) {
                let time = bytes.slice(bytes.content(ofString: value))
                guard !hasTime, let read = RecordTime.milliseconds(of: time) else { return nil }
                milliseconds = read
                hasTime = true
            } else if bytes.holds("job", at: key) {
                guard job == nil, let read = bytes.identifier(at: value) else { return nil }
                job = read
            } else {
                members.append((key, value))
            }
        }
        guard !scanner.isDamaged, version > 0, !kind.isEmpty, hasTime else { return nil }
    }

    /// The value of the member `key`, nil when it is absent or null.
    func value(_ key: StaticString) -> Range<Int>? {
        members.first { bytes.holds(key, at: $0.key) }
            .flatMap { bytes[$0.value.lowerBound] == UInt8(ascii: "n") ? nil : $0.value }
    }

    func isKind(_ name: StaticString) -> Bool { bytes.holds(name, at: kind) }

    /// Whether the bytes are one intact record: what tells a whole last line from half of one.
    static func isWholeRecord(_ line: [UInt8]) -> Bool {
        line.withUnsafeBufferPointer { RecordScanner($0) != nil }
    }
}

extension UnsafeBufferPointer<UInt8> {
    func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: self[range])
    }

    /// Whether the bytes at `range` are `text`.
    func holds(_ text: StaticString, at range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount, let baseAddress else { return false }
        return memcmp(baseAddress + range.lowerBound, text.utf8Start, range.count) == 0
    }

    /// The range inside the quotes of a string value; empty when the value is not a string.
    func content(ofString range: Range<Int>) -> Range<Int> {
        guard range.count >= 2, self[range.lowerBound] == UInt8(ascii: "\"") else {
            return range.lowerBound..<range.lowerBound
        }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    /// A whole number of at most 20 digits.
    func unsigned(at range: Range<Int>) -> UInt64? {
        guard (1...20).contains(range.count) else { return nil }
        var number: UInt64 = 0
        for byte in self[range] {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (shifted, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(byte - 0x30))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }

    func integer(at range: Range<Int>) -> Int? { unsigned(at: range).flatMap { Int(exactly: $0) } }

    func identifier(at range: Range<Int>) -> ULID? { ULID.parse(slice(content(ofString: range))) }

    /// The text of a string value, with its escapes resolved.
    func text(at range: Range<Int>) -> [UInt8] {
        let content = content(ofString: range)
        guard !content.isEmpty, let base = baseAddress,
            memchr(base + content.lowerBound, 0x5C, content.count) != nil
        else { return Array(self[content]) }
        return JSONEscapes.resolved(slice(content))
    }
}
