/// Reads the grammar of scheduled prompts in one pass.
///
/// A bracket whose inside the grammar does not cover is a stray: its characters are text, which is
/// allowed outside of all brackets only. A bracket around a stray is therefore one itself.
struct ScheduleParser {
    typealias Piece = ScheduleTree.Piece

    /// A bracket that is not closed yet.
    private struct Open {
        var byte: UInt8
        var offset: Int
        /// Texts between the separators so far; the last one grows.
        var parts: [[Piece]] = [[]]
        /// Separators between the parts: offsets of `:` and `|`.
        var separators: [Int] = []
        /// Whether it holds what only the top level may hold.
        var isStray = false
    }

    let bytes: [UInt8]
    private(set) var nodes: [ScheduleTree.Node] = []
    private var root: [Piece] = []
    private var open: [Open] = []
    /// How many of each kind are open.
    private var openCounts: [UInt8: Int] = [:]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// - Returns: nil for what the grammar refuses altogether.
    mutating func parse() -> [Piece]? {
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\"):
                guard index + 1 < bytes.count else { return nil }
                append(.text(index..<(index + 2)))
                index += 1
            case UInt8(ascii: "("), UInt8(ascii: "["):
                open.append(Open(byte: bytes[index], offset: index))
                openCounts[bytes[index], default: 0] += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"):
                guard close(at: index) else { return nil }
            case UInt8(ascii: ":"):
                separate(at: index)
            case UInt8(ascii: "|"):
                guard open.last?.byte == UInt8(ascii: "[") else { return nil }
                separate(at: index)
            default:
                append(.text(index..<(index + 1)))
            }
            index += 1
        }
        while let group = open.popLast() {
            guard flatten(group, closing: nil) else { return nil }
        }
        return root
    }

    /// Adds a piece where the text stands; text that continues the piece before becomes one with it.
    private mutating func append(_ piece: Piece) {
        guard let top = open.indices.last else {
            Self.append(piece, to: &root)
            return
        }
        Self.append(piece, to: &open[top].parts[open[top].parts.count - 1])
    }

    private static func append(_ piece: Piece, to pieces: inout [Piece]) {
        if case .text(let range) = piece, case .text(let last) = pieces.last,
            last.upperBound == range.lowerBound
        {
            pieces[pieces.count - 1] = .text(last.lowerBound..<range.upperBound)
        } else {
            pieces.append(piece)
        }
    }

    private mutating func separate(at index: Int) {
        guard let top = open.indices.last else {
            append(.text(index..<(index + 1)))
            return
        }
        open[top].separators.append(index)
        open[top].parts.append([])
    }

    /// - Returns: false when the prompt as a whole is ordinary text.
    private mutating func close(at index: Int) -> Bool {
        let opening: UInt8 =
            bytes[index] == UInt8(ascii: ")") ? UInt8(ascii: "(") : UInt8(ascii: "[")
        guard openCounts[opening, default: 0] > 0 else {
            // A bracket without partner is text, and makes what is around it stray; that in turn
            // makes the next one stray when it closes.
            if let top = open.indices.last { open[top].isStray = true }
            append(.text(index..<(index + 1)))
            return true
        }
        while let group = open.popLast() {
            openCounts[group.byte, default: 0] -= 1
            if group.byte == opening {
                guard !group.isStray, let node = node(of: group, end: index) else {
                    return flatten(group, closing: index)
                }
                nodes.append(node)
                append(.node(nodes.count - 1))
                return true
            }
            guard flatten(group, closing: nil) else { return false }
        }
        return true
    }

    /// The node of a closed bracket, nil when the grammar does not cover it.
    private func node(of group: Open, end: Int) -> ScheduleTree.Node? {
        let separators = group.separators.map { bytes[$0] }
        let colons = separators.filter { $0 == UInt8(ascii: ":") }.count
        if group.byte == UInt8(ascii: "(") || separators.isEmpty {
            return colons <= 1 ? .init(kind: .plain, parts: [whole(group, end)]) : nil
        }
        if colons == 0 { return .init(kind: .alternating, parts: group.parts) }
        guard colons == separators.count, colons <= 2, let last = group.separators.last else {
            return nil
        }
        var when = ScalarReader(bytes, from: last + 1, limit: end)
        when.skip(PythonText.isSpace)
        let start = when.index
        when.skip { "0123456789+-.eE".unicodeScalars.contains($0) }
        let number = String(decoding: bytes[start..<when.index], as: UTF8.self)
        when.skip(PythonText.isSpace)
        guard when.index == end, PythonText.number(number[...].unicodeScalars) != nil else {
            return nil
        }
        let before = colons == 2 ? group.parts[0] : []
        return .init(kind: .scheduled(when: number), parts: [before, group.parts[colons - 1]])
    }

    /// The inside of a bracket with its brackets and separators as text.
    private func whole(_ group: Open, _ end: Int?) -> [Piece] {
        var pieces: [Piece] = [.text(group.offset..<(group.offset + 1))]
        for (index, part) in group.parts.enumerated() {
            if index > 0 {
                let separator = group.separators[index - 1]
                Self.append(.text(separator..<(separator + 1)), to: &pieces)
            }
            for piece in part { Self.append(piece, to: &pieces) }
        }
        if let end { Self.append(.text(end..<(end + 1)), to: &pieces) }
        return pieces
    }

    /// Turns a bracket into text around its inner nodes.
    ///
    /// - Returns: false if it holds a `|`, which is text nowhere.
    private mutating func flatten(_ group: Open, closing end: Int?) -> Bool {
        guard !group.separators.contains(where: { bytes[$0] == UInt8(ascii: "|") }) else {
            return false
        }
        if let top = open.indices.last { open[top].isStray = true }
        for piece in whole(group, end) { append(piece) }
        return true
    }
}
