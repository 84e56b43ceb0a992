/// Pictures on their way to the terminal, written in pieces so that what a person types is never
/// behind a whole picture.
///
/// A state machine without input or output: ``piece(limit:)`` says what to write next. Between two
/// parts of a picture, and after ``cut()``, other things may be written.
public struct GraphicsQueue: Sendable {
    /// Cuts of one picture, after which it is written to its end.
    public static let cutLimit = 24

    private struct Entry {
        let graphic: PlacedGraphic
        var part = 0
        var cuts = 0
    }

    private var entries: [Entry] = []
    /// The part under way with what goes around it.
    private var current: [UInt8] = []
    private var offset = 0

    /// Nothing waits.
    public init() {}

    /// Whether nothing is left to write.
    public var isEmpty: Bool { entries.isEmpty && !isInsidePart }

    /// Whether a part was begun: anything else that is written now would become part of it.
    public var isInsidePart: Bool { offset < current.count }

    /// Whether the part under way may be ended where it is.
    public var canCut: Bool {
        guard isInsidePart, let entry = entries.first, entry.graphic.cut != nil else {
            return false
        }
        return entry.cuts < Self.cutLimit
    }

    /// Puts a picture last; it takes the place of those that it covers.
    ///
    /// - Returns: what has to be written for pictures that are given up half-way.
    public mutating func add(_ graphic: PlacedGraphic) -> [UInt8] {
        let bytes = remove { $0.area.intersects(graphic.area) }
        entries.append(Entry(graphic: graphic))
        return bytes
    }

    /// Gives pictures up. Not to be called inside a part.
    ///
    /// - Returns: what has to be written for those that were begun.
    public mutating func remove(_ isGone: (PlacedGraphic) -> Bool) -> [UInt8] {
        let gone = entries.filter { isGone($0.graphic) }
        entries.removeAll { isGone($0.graphic) }
        return gone.filter { $0.part > 0 }.flatMap(\.graphic.abandonment)
    }

    /// What to write next, at most `limit` bytes of a part; nil when nothing is left.
    public mutating func piece(limit: Int) -> [UInt8]? {
        if !isInsidePart {
            guard let entry = entries.first, entry.part < entry.graphic.parts.count else {
                if !entries.isEmpty { entries.removeFirst() }
                return entries.isEmpty ? nil : piece(limit: limit)
            }
            let area = entry.graphic.area
            let move = "\u{1B}7\u{1B}[\(area.y + 1);\(area.x + 1)H"
            current = Array(move.utf8) + entry.graphic.parts[entry.part] + Self.restore
            offset = 0
        }
        let end = min(current.count, offset + max(1, limit))
        defer { advance(to: end) }
        return Array(current[offset..<end])
    }

    private static let restore = Array("\u{1B}8".utf8)

    private mutating func advance(to end: Int) {
        offset = end
        guard !isInsidePart, !entries.isEmpty else { return }
        entries[0].part += 1
        if entries[0].part == entries[0].graphic.parts.count { entries.removeFirst() }
    }

    /// Ends the part under way; it is begun again later.
    ///
    /// - Returns: what has to be written for that.
    public mutating func cut() -> [UInt8] {
        guard isInsidePart, !entries.isEmpty else { return [] }
        entries[0].cuts += 1
        current = []
        offset = 0
        return (entries[0].graphic.cut ?? []) + Self.restore
    }

    /// Gives everything up, inside a part too: the terminal is handed to somebody else.
    ///
    /// - Returns: what has to be written so that it listens again.
    public mutating func abandon() -> [UInt8] {
        // A string terminator ends whatever was begun.
        let end = isInsidePart ? Array("\u{1B}\\\u{1B}8".utf8) : []
        let rest = remove { _ in true }
        current = []
        offset = 0
        return end + rest
    }
}
