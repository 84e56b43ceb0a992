/// Cuts a stream of bytes into lines, whatever the pieces: LF, CR LF and a lone CR end a line.
public struct LineDecoder: Sendable {
    private var pending: [UInt8] = []
    private var skipsLineFeed = false
    private let maximumBytes: Int
    /// Whether a line was longer than is kept, and so was dropped.
    public private(set) var hasDropped = false
    private var isDropping = false

    /// Lines longer than `maximumBytes` are dropped.
    public init(maximumBytes: Int = 16 << 20) { self.maximumBytes = maximumBytes }

    /// The lines that `bytes` complete, without their ends.
    public mutating func lines(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == 0x0A, skipsLineFeed {
                skipsLineFeed = false
                continue
            }
            skipsLineFeed = byte == 0x0D
            if byte == 0x0A || byte == 0x0D {
                if !isDropping { lines.append(String(decoding: pending, as: UTF8.self)) }
                pending.removeAll(keepingCapacity: true)
                isDropping = false
            } else if pending.count >= maximumBytes {
                pending.removeAll()
                isDropping = true
                hasDropped = true
            } else if !isDropping {
                pending.append(byte)
            }
        }
        return lines
    }

    /// What stands after the last line end, when the stream is over; nil when nothing does.
    public mutating func rest() -> String? {
        defer { pending.removeAll() }
        return pending.isEmpty || isDropping ? nil : String(decoding: pending, as: UTF8.self)
    }
}

/// An event of a `text/event-stream`.
public struct ServerSentEvent: Hashable, Sendable {
    /// `message` unless the stream names another.
    public var name: String
    public var data: String
    /// The last `id:` so far, for `Last-Event-ID`.
    public var id: String?
}

/// Reads a `text/event-stream` (WHATWG HTML, 9.2.6) line by line.
public struct ServerSentEventDecoder: Sendable {
    private var name = ""
    private var data: [String] = []
    /// The last `id:` of the stream.
    public private(set) var lastID: String?

    public init() {}

    /// The event that `line` completes: an empty line ends one that has data.
    public mutating func event(_ line: String) -> ServerSentEvent? {
        guard !line.isEmpty else {
            defer {
                name = ""
                data = []
            }
            guard !data.isEmpty else { return nil }
            return ServerSentEvent(
                name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"),
                id: lastID)
        }
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count > 1 ? parts[1] : ""
        if value.first == " " { value.removeFirst() }
        switch parts[0] {
        case "event": name = String(value)
        case "data": data.append(String(value))
        case "id" where !value.contains("\0"): lastID = String(value)
        default: break
        }
        return nil
    }
}
