import Foundation
import Generation

/// One line of a session file: a JSON object with `version`, `record`, `time`, usually `job`, and
/// the content's own keys beside them.
public struct JournalRecord: Hashable, Sendable {
    /// The version that this program writes.
    public static let currentVersion = 1

    /// When it was written, to the millisecond.
    public var time: Date
    /// The job it is about; nil for records about the session.
    public var job: ULID?
    /// What it says.
    public var content: RecordContent

    /// A record.
    public init(time: Date = Date(), job: ULID?, content: RecordContent) {
        self.time = time
        self.job = job
        self.content = content
    }

    /// The line, with its line feed. `version`, `record`, `time` and `job` come first.
    ///
    /// - Throws: `EncodingError`; an ``RecordContent/unknown(kind:version:)`` cannot be written.
    func line() throws -> [UInt8] {
        var line = "{\"version\":\(Self.currentVersion),\"record\":\"\(content.kind)\","
        line += "\"time\":\"\(RecordTime.text(of: time))\""
        if let job { line += ",\"job\":\"\(job)\"" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        let body = try encoder.encode(ContentBody(content: content))
        // The body is an object; its members follow ours.
        let members = body.dropFirst()
        return Array(line.utf8) + (members.count > 1 ? [UInt8(ascii: ",")] : []) + members + [0x0A]
    }

    /// Reads a line without its line feed.
    ///
    /// - Throws: `DecodingError` when the line is not a record; records of kinds and versions that
    ///   are not known come back as ``RecordContent/unknown(kind:version:)``.
    init(line: Data) throws {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        self = try decoder.decode(DecodedLine.self, from: line).record
    }
}

/// The keys of a line's head.
private enum HeadKey: String, CodingKey {
    case version, record, time, job
    case isStarred, rating, note
}

/// The members of a content, without the head.
private struct ContentBody: Encodable {
    let content: RecordContent

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: HeadKey.self)
        switch content {
        case .opened(let payload): try payload.encode(to: encoder)
        case .queued(let payload): try payload.encode(to: encoder)
        case .started(let payload): try payload.encode(to: encoder)
        case .accepted(let payload): try payload.encode(to: encoder)
        case .image(let payload): try payload.encode(to: encoder)
        case .finished(let payload): try payload.encode(to: encoder)
        case .failed(let payload): try payload.encode(to: encoder)
        case .tagged(let payload): try payload.encode(to: encoder)
        case .starred(let isStarred): try members.encode(isStarred, forKey: .isStarred)
        case .rated(let rating): try members.encode(rating, forKey: .rating)
        case .noted(let note): try members.encode(note, forKey: .note)
        case .cancelled, .interrupted, .removed, .restored: break
        case .unknown:
            throw EncodingError.invalidValue(
                content.kind,
                .init(codingPath: [], debugDescription: "unknown records are never rewritten"))
        }
    }
}

private struct DecodedLine: Decodable {
    let record: JournalRecord

    init(from decoder: any Decoder) throws {
        let head = try decoder.container(keyedBy: HeadKey.self)
        let version = try head.decode(Int.self, forKey: .version)
        let kind = try head.decode(String.self, forKey: .record)
        let time = RecordTime.date(of: try head.decode(String.self, forKey: .time))
        guard let time else {
            throw DecodingError.dataCorruptedError(
                forKey: .time, in: head, debugDescription: "not a time")
        }
        let job = try head.decodeIfPresent(ULID.self, forKey: .job)
        let content: RecordContent =
            version > JournalRecord.currentVersion
            ? .unknown(kind: kind, version: version)
            : try Self.content(kind, version, head, decoder)
        record = JournalRecord(time: time, job: job, content: content)
    }

    private static func content(
        _ kind: String, _ version: Int, _ head: KeyedDecodingContainer<HeadKey>,
        _ decoder: any Decoder
    ) throws -> RecordContent {
        switch kind {
        case "opened": .opened(try SessionOpened(from: decoder))
        case "queued": try queued(version, decoder)
        case "started": .started(try StartedJob(from: decoder))
        case "accepted": .accepted(try AcceptedJob(from: decoder))
        case "image": .image(try SavedImage(from: decoder))
        case "finished": .finished(try FinishedJob(from: decoder))
        case "failed": .failed(try FailedJob(from: decoder))
        case "tagged": .tagged(try TagChange(from: decoder))
        case "starred": .starred(try head.decode(Bool.self, forKey: .isStarred))
        case "rated": .rated(try head.decode(Int.self, forKey: .rating))
        case "noted": .noted(try head.decode(String.self, forKey: .note))
        case "cancelled": .cancelled
        case "interrupted": .interrupted
        case "removed": .removed
        case "restored": .restored
        default: .unknown(kind: kind, version: version)
        }
    }

    /// A request of a newer program is not damage: it is kept, and shown as unknown.
    private static func queued(_ version: Int, _ decoder: any Decoder) throws -> RecordContent {
        do {
            return .queued(try QueuedJob(from: decoder))
        } catch is RequestFormatError {
            return .unknown(kind: "queued", version: version)
        }
    }
}
