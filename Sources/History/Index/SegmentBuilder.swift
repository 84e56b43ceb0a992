import Foundation
import Generation

/// Reads records of a session file into its segment; continues where an earlier reading stopped.
struct SegmentBuilder {
    private(set) var segment: SessionSegment
    /// Rows that came or that something was said of.
    private(set) var touchedRows: Set<Int> = []
    private var places: RowPlaces
    /// Rows whose searchable text is out of date.
    private var changedRows: Set<Int> = []

    /// Continues `segment`, in place when the caller keeps no copy of it.
    init(continuing segment: consuming SessionSegment) {
        places = RowPlaces(known: segment.rows.count)
        self.segment = segment
    }

    /// Takes in one line; damaged lines are counted, blank ones skipped.
    mutating func add(_ line: LineReader.Line) {
        guard !line.isBlank else { return }
        guard !line.isTooLong, let record = RecordScanner(line.bytes) else {
            segment.damagedLines += 1
            return
        }
        add(record)
    }

    /// The finished segment, with searchable texts brought up to date.
    mutating func finish() -> SessionSegment {
        for index in changedRows.sorted() { updateSearchable(index) }
        changedRows = []
        return segment
    }

    private mutating func add(_ record: RecordScanner) {
        guard record.version <= JournalRecord.currentVersion else {
            segment.unknownRecords += 1
            return
        }
        if record.isKind("opened") { return }
        guard let job = record.job else {
            segment.unknownRecords += 1
            return
        }
        if record.isKind("queued") {
            addQueued(record, job)
            return
        }
        guard let index = places.row(of: job, in: segment.rows) else {
            // About a job of which this file says nothing else.
            segment.unknownRecords += 1
            return
        }
        if changeState(record, index) || annotate(record, index) {
            touchedRows.insert(index)
        } else {
            segment.unknownRecords += 1
        }
    }

    private mutating func addQueued(
        _ record: RecordScanner, _ job: ULID
    ) {
        guard let request = record.value("request") else {
            segment.damagedLines += 1
            return
        }
        // The same job twice, for example after a merge of two copies: the first one counts.
        guard places.row(of: job, in: segment.rows) == nil else { return }
        var row = JobRow()
        row.idHigh = job.high
        row.idLow = job.low
        row.queuedAt = record.milliseconds
        if let parent = record.value("parent").flatMap({ record.bytes.identifier(at: $0) }) {
            (row.parentHigh, row.parentLow) = (parent.high, parent.low)
            row.set(.hasParent)
        }
        if let writer = record.value("writer").flatMap({ record.bytes.identifier(at: $0) }) {
            (row.writerHigh, row.writerLow) = (writer.high, writer.low)
            row.set(.hasWriter)
        }
        readRequest(record.bytes, request, into: &row)
        places.add(job, at: segment.rows.count)
        touchedRows.insert(segment.rows.count)
        changedRows.insert(segment.rows.count)
        segment.rows.append(row)
    }

    private mutating func readRequest(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into row: inout JobRow
    ) {
        var scanner = ObjectScanner(bytes, in: range)
        let last = segment.rows.last
        while let (key, value) = scanner.next() {
            switch bytes[value.lowerBound] {
            case UInt8(ascii: "\""):
                if bytes.holds("prompt", at: key) {
                    row.prompt = store(bytes.text(at: value), sharedWith: last?.prompt)
                } else if bytes.holds("negativePrompt", at: key) {
                    row.negativePrompt = store(
                        bytes.text(at: value), sharedWith: last?.negativePrompt)
                } else if bytes.holds("backend", at: key) {
                    row.backend = store(bytes.text(at: value), sharedWith: last?.backend)
                } else if bytes.holds("model", at: key) {
                    row.model = store(bytes.text(at: value), sharedWith: last?.model)
                } else if bytes.holds("sampler", at: key) {
                    row.sampler = store(bytes.text(at: value), sharedWith: last?.sampler)
                }
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if bytes.holds("width", at: key) {
                    row.width = UInt32(clamping: bytes.integer(at: value) ?? 0)
                } else if bytes.holds("height", at: key) {
                    row.height = UInt32(clamping: bytes.integer(at: value) ?? 0)
                } else if bytes.holds("version", at: key) {
                    let version = bytes.integer(at: value) ?? .max
                    row.set(.isUnreadable, version > GenerationRequest.currentVersion)
                } else if bytes.holds("steps", at: key) {
                    row.steps = UInt32(clamping: bytes.integer(at: value) ?? 0)
                }
            case UInt8(ascii: "[") where bytes.holds("seeds", at: key):
                readFirstSeed(bytes, value, into: &row)
            default: break
            }
        }
    }

    private func readFirstSeed(
        _ bytes: UnsafeBufferPointer<UInt8>, _ array: Range<Int>, into row: inout JobRow
    ) {
        let content = bytes[array].dropFirst().drop { $0 == 0x20 }
        let end = content.firstIndex { !(0x30...0x39).contains($0) } ?? content.endIndex
        guard let seed = bytes.unsigned(at: content.startIndex..<end) else { return }
        row.seed = seed
        row.set(.hasSeed)
    }

    // MARK: Later records

    private mutating func changeState(
        _ record: RecordScanner, _ index: Int
    ) -> Bool {
        if record.isKind("started") {
            segment.rows[index].status = JobStatus.running.code
            segment.rows[index].endedAt = 0
            if let request = record.value("request") {
                fillGaps(record.bytes, request, in: &segment.rows[index])
            }
        } else if record.isKind("accepted") {
            segment.rows[index].status = JobStatus.running.code
        } else if record.isKind("image") {
            addImage(record, index)
        } else if record.isKind("finished") {
            end(index, .finished, record)
            addImages(record, index)
        } else if record.isKind("failed") {
            let value = record.value("isResumable")
            let isKept = value.map { record.bytes[$0.lowerBound] == UInt8(ascii: "t") } ?? false
            end(index, isKept ? .interrupted : .failed, record)
        } else if record.isKind("cancelled") {
            end(index, .cancelled, record)
        } else if record.isKind("interrupted") {
            // A process that was only slow may have finished meanwhile.
            if segment.rows[index].endedAt == 0 { end(index, .interrupted, record) }
        } else {
            return false
        }
        return true
    }

    /// Sizes, steps and seed that the backend has chosen: nobody typed them.
    private func fillGaps(
        _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, in row: inout JobRow
    ) {
        var scanner = ObjectScanner(bytes, in: range)
        while let (key, value) = scanner.next() {
            switch bytes[value.lowerBound] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if row.width == 0, bytes.holds("width", at: key) {
                    row.width = UInt32(clamping: bytes.integer(at: value) ?? 0)
                } else if row.height == 0, bytes.holds("height", at: key) {
                    row.height = UInt32(clamping: bytes.integer(at: value) ?? 0)
                } else if row.steps == 0, bytes.holds("steps", at: key) {
                    row.steps = UInt32(clamping: bytes.integer(at: value) ?? 0)
                }
            case UInt8(ascii: "[") where !row.has(.hasSeed) && bytes.holds("seeds", at: key):
                readFirstSeed(bytes, value, into: &row)
            default: break
            }
        }
    }

    private mutating func end(_ index: Int, _ status: JobStatus, _ record: RecordScanner) {
        segment.rows[index].status = status.code
        segment.rows[index].endedAt = max(1, record.milliseconds)
    }

    private mutating func addImage(_ record: RecordScanner, _ index: Int) {
        guard let path = record.value("path") else { return }
        segment.rows[index].imageCount += 1
        if segment.rows[index].imageCount == 1 {
            keepImage(record.bytes.text(at: path), index)
        }
    }

    private mutating func addImages(_ record: RecordScanner, _ index: Int) {
        guard let images = record.value("images"), record.bytes[images.lowerBound] == 0x5B else {
            return
        }
        var count: UInt32 = 0
        var position = images.lowerBound + 1
        while let object = record.bytes.nextObject(in: position..<images.upperBound) {
            if count == 0 {
                var scanner = ObjectScanner(record.bytes, in: object)
                while let (key, value) = scanner.next() {
                    guard record.bytes.holds("path", at: key) else { continue }
                    keepImage(record.bytes.text(at: value), index)
                }
            }
            count += 1
            position = object.upperBound
        }
        segment.rows[index].imageCount = max(segment.rows[index].imageCount, count)
    }

    private mutating func keepImage(_ path: [UInt8], _ index: Int) {
        let known = segment.rows[index].firstImage
        segment.rows[index].firstImage = store(path, sharedWith: known)
    }

    private mutating func annotate(_ record: RecordScanner, _ index: Int) -> Bool {
        if record.isKind("starred") {
            let value = record.value("isStarred")
            let isOn = value.map { record.bytes[$0.lowerBound] == UInt8(ascii: "t") } ?? false
            segment.rows[index].set(.starred, isOn)
        } else if record.isKind("removed") {
            segment.rows[index].set(.removed)
        } else if record.isKind("restored") {
            segment.rows[index].set(.removed, false)
        } else if record.isKind("rated") {
            let rating = record.value("rating").flatMap { record.bytes.integer(at: $0) } ?? 0
            segment.rows[index].rating = UInt8(clamping: min(5, rating))
        } else if record.isKind("noted") {
            let note = record.value("note").map { record.bytes.text(at: $0) } ?? []
            segment.rows[index].note = note.isEmpty ? JobRow.Text() : store(note)
            changedRows.insert(index)
        } else if record.isKind("tagged") {
            changeTags(record, index)
        } else {
            return false
        }
        return true
    }

    private mutating func changeTags(_ record: RecordScanner, _ index: Int) {
        var tags = Set(segment.tags(segment.rows[index]))
        tags.formUnion(record.strings("added"))
        tags.subtract(record.strings("removed"))
        let text = tags.sorted().joined(separator: "\n")
        segment.rows[index].tags = text.isEmpty ? JobRow.Text() : store(Array(text.utf8))
        changedRows.insert(index)
    }

    // MARK: Texts

    /// Whether a stored text is this one.
    private func holds(_ text: [UInt8], _ other: JobRow.Text) -> Bool {
        other.count == UInt32(clamping: text.count)
            && segment.bytes[segment.range(other)].elementsEqual(text)
    }

    private mutating func store(_ text: [UInt8], sharedWith other: JobRow.Text? = nil)
        -> JobRow.Text
    {
        if let other, holds(text, other) { return other }
        guard segment.bytes.count + text.count < Int(UInt32.max) else { return JobRow.Text() }
        defer { segment.bytes.append(contentsOf: text) }
        return JobRow.Text(offset: UInt32(segment.bytes.count), count: UInt32(text.count))
    }

    private mutating func updateSearchable(_ index: Int) {
        let row = segment.rows[index]
        var text: [UInt8] = []
        for part in [row.prompt, row.negativePrompt, row.tags, row.note] {
            let range = segment.range(part)
            guard !range.isEmpty else { continue }
            if !text.isEmpty { text.append(0x0A) }
            text.append(contentsOf: segment.bytes[range])
        }
        let folded = SearchText.folded(text)
        let before = index > 0 ? segment.rows[index - 1].searchable : row.prompt
        segment.rows[index].searchable = store(
            folded, sharedWith: holds(folded, row.prompt) ? row.prompt : before)
    }
}

extension RecordScanner {
    /// The strings of an array member; anything else in it is left out.
    func strings(_ key: StaticString) -> [String] {
        guard let range = value(key), bytes[range.lowerBound] == UInt8(ascii: "[") else {
            return []
        }
        let literal = String(decoding: bytes.slice(range), as: UTF8.self)
        return JSONStrings.read(literal)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The next object in an array's content, nil when there is none.
    func nextObject(in range: Range<Int>) -> Range<Int>? {
        guard let start = self[range].firstIndex(of: UInt8(ascii: "{")) else { return nil }
        var depth = 0
        var isInString = false
        var index = start
        while index < range.upperBound {
            switch (self[index], isInString) {
            case (UInt8(ascii: "\\"), true): index += 1
            case (UInt8(ascii: "\""), _): isInString.toggle()
            case (UInt8(ascii: "{"), false): depth += 1
            case (UInt8(ascii: "}"), false): depth -= 1
            default: break
            }
            index += 1
            if depth == 0 { return start..<index }
        }
        return nil
    }
}
