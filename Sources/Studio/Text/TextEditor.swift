import Screen

/// A multi-line text with cursor, selection, undo and a kill buffer: pure state without a screen.
///
/// Positions count characters (grapheme clusters) from 0. Every change, also one that a program
/// makes, goes through ``replace(_:with:)`` and can be undone.
public struct TextEditor: Hashable, Sendable {
    /// A change and what undoes it.
    struct Change: Hashable, Sendable {
        var start: Int
        var removed: [Character]
        var inserted: [Character]
        let cursorBefore: Int
        /// Whether typing may extend it.
        var isOpen: Bool
    }

    /// Where a change was made and how many characters it took and gave.
    struct Edit: Hashable, Sendable {
        var start: Int
        var removed: Int
        var inserted: Int
    }

    /// Longest text, in characters; more is cut off with the paste that brings it.
    public static let limit = 200_000
    private static let undoLimit = 500

    /// The text, cluster by cluster.
    public private(set) var characters: [Character] = []
    /// Where typing goes, 0...count.
    public internal(set) var cursor = 0
    /// The other end of the selection; nil: nothing is selected.
    public internal(set) var anchor: Int?
    /// Counts changes; equal numbers of one editor mean equal text.
    public private(set) var revision = 0
    /// The change that led to ``revision``.
    private(set) var lastEdit = Edit(start: 0, removed: 0, inserted: 0)
    /// The column that moving up and down keeps.
    var wantedColumn: Int?
    /// What the kill commands took last.
    var killed: [Character] = []
    private var undone: [Change] = []
    private var done: [Change] = []

    /// An editor with the cursor at the end of `text`.
    public init(_ text: String = "") {
        characters = Array(Self.sanitized(text).prefix(Self.limit))
        cursor = characters.count
    }

    public var text: String { String(characters) }
    public var isEmpty: Bool { characters.isEmpty }
    public var canUndo: Bool { !done.isEmpty }
    public var canRedo: Bool { !undone.isEmpty }

    /// The selected characters; nil when there are none.
    public var selection: Range<Int>? {
        guard let anchor, anchor != cursor else { return nil }
        return min(anchor, cursor)..<max(anchor, cursor)
    }

    /// Line ends become `\n`; other control characters stay and are shown as symbols.
    static func sanitized(_ text: String) -> String {
        guard text.utf8.contains(0x0D) else { return text }
        var result = ""
        for character in text {
            result.append(character == "\r\n" || character == "\r" ? "\n" : character)
        }
        return result
    }

    /// Replaces a range by a text; the cursor ends behind it. Undone as one step.
    public mutating func replace(_ range: Range<Int>, with text: String) {
        replace(range, with: Array(Self.sanitized(text)), isTyping: false)
    }

    /// Replaces everything by `text`, as one step.
    public mutating func setText(_ text: String) {
        guard text != self.text else { return }
        replace(0..<characters.count, with: text)
    }

    /// Types a text over the selection. Letters of one word are undone together.
    public mutating func insert(_ text: String, isTyping: Bool = false) {
        let range = selection ?? cursor..<cursor
        replace(range, with: Array(Self.sanitized(text)), isTyping: isTyping)
    }

    mutating func replace(_ range: Range<Int>, with new: [Character], isTyping: Bool) {
        var range = range.clamped(to: 0..<characters.count)
        var new = Array(new.prefix(Self.limit - (characters.count - range.count)))
        // A combining mark joins the character before it: the clusters are found again.
        if range.lowerBound > 0, let first = new.first,
            Self.joins(characters[range.lowerBound - 1], first)
        {
            new.insert(characters[range.lowerBound - 1], at: 0)
            new = Array(String(new))
            range = (range.lowerBound - 1)..<range.upperBound
        }
        guard !range.isEmpty || !new.isEmpty else { return }
        let change = Change(
            start: range.lowerBound, removed: Array(characters[range]), inserted: new,
            cursorBefore: cursor, isOpen: isTyping && range.isEmpty)
        characters.replaceSubrange(range, with: new)
        cursor = range.lowerBound + new.count
        anchor = nil
        wantedColumn = nil
        revision += 1
        lastEdit = Edit(start: change.start, removed: change.removed.count, inserted: new.count)
        undone = []
        remember(change)
    }

    private static func joins(_ first: Character, _ second: Character) -> Bool {
        guard !second.isASCII else { return false }
        return String([first, second]).count == 1
    }

    private mutating func remember(_ change: Change) {
        if change.isOpen, var last = done.last, last.isOpen,
            last.start + last.inserted.count == change.start,
            !(last.inserted.last?.isWhitespace ?? false)
                || change.inserted.allSatisfy(\.isWhitespace)
        {
            last.inserted += change.inserted
            done[done.count - 1] = last
            return
        }
        done.append(change)
        if done.count > Self.undoLimit { done.removeFirst() }
    }

    /// Takes back the last change.
    public mutating func undo() {
        guard var change = done.popLast() else { return }
        change.isOpen = false
        characters.replaceSubrange(
            change.start..<(change.start + change.inserted.count), with: change.removed)
        cursor = min(change.cursorBefore, characters.count)
        undone.append(change)
        lastEdit = Edit(
            start: change.start, removed: change.inserted.count, inserted: change.removed.count)
        finishStep()
    }

    /// Makes a change again that was taken back.
    public mutating func redo() {
        guard let change = undone.popLast() else { return }
        characters.replaceSubrange(
            change.start..<(change.start + change.removed.count), with: change.inserted)
        cursor = change.start + change.inserted.count
        done.append(change)
        lastEdit = Edit(
            start: change.start, removed: change.removed.count, inserted: change.inserted.count)
        finishStep()
    }

    private mutating func finishStep() {
        anchor = nil
        wantedColumn = nil
        revision += 1
    }

    /// Ends the current step of undo: what is typed next is undone on its own.
    mutating func closeStep() {
        guard !done.isEmpty else { return }
        done[done.count - 1].isOpen = false
    }
}
