import CTerminal
import Foundation
import Screen

/// Shows frames through curses, and pictures past it.
struct CursesScreen {
    private static let beginSynchronized = Array("\u{1B}[?2026h".utf8)
    private static let endSynchronized = Array("\u{1B}[?2026l".utf8)

    private static let hideCursor = Array("\u{1B}[?25l".utf8)
    private static let showCursor = Array("\u{1B}[?25h".utf8)

    /// Bytes that are written at once: a terminal that takes some takes about as many.
    private static let pieceSize = 2048

    private let depth: ColorDepth
    private let synchronizes: Bool
    private var shown: ScreenBuffer?
    private var placer = GraphicsPlacer()
    private var queue = GraphicsQueue()
    private var showsCursor = false
    /// When the part under way was begun.
    private var partBegan = ContinuousClock.now

    /// A picture that is through by then is not cut off: only slow connections need it.
    private static let patience = Duration.milliseconds(10)

    init(depth: ColorDepth, synchronizes: Bool) {
        self.depth = depth
        self.synchronizes = synchronizes
    }

    /// Whether pictures are on their way.
    var isSending: Bool { !queue.isEmpty }

    /// Whether text has to wait for the part of a picture that is being written.
    var isInsidePart: Bool { queue.isInsidePart }

    /// Prints what changed and queues the pictures that the placer asks for. Not to be called
    /// inside a part of a picture.
    mutating func present(_ frame: Frame, _ graphics: [PlacedGraphic]) {
        // A picture that touches the last row would scroll the screen.
        let wanted = graphics.filter { $0.area.maxY < frame.buffer.size.height }
        let buffer = Self.marked(frame)
        let diff = BufferDiff(from: shown, to: buffer)
        let erasures = placer.prepare(for: wanted)
        var printed = diff.runs.map(\.area)
        if synchronizes { write(Self.beginSynchronized) }
        for case .erase(let picture) in erasures {
            write(queue.remove { $0 == picture })
            write(picture.removal)
            lt_repaint_rows(Int32(picture.area.y), Int32(picture.area.height))
            printed.append(
                Rect(
                    x: 0, y: picture.area.y, width: frame.buffer.size.width,
                    height: picture.area.height))
        }
        print(diff.runs, of: frame, isPlain: wanted.isEmpty && erasures.isEmpty)
        showsCursor = frame.cursor != nil
        shown = buffer
        for case .draw(let picture) in placer.place(wanted, printed: printed) {
            write(queue.add(picture))
        }
        if synchronizes { write(Self.endSynchronized) }
    }

    /// The cells of a frame, with the number of its row under every picture: in blanks of two kinds,
    /// one for each bit. Curses takes equal lines for lines that have moved, and scrolls what it
    /// takes to have moved; lines with pictures are never equal then.
    private static func marked(_ frame: Frame) -> ScreenBuffer {
        var buffer = frame.buffer
        for area in frame.placements.map({ $0.area.intersection(frame.buffer.bounds) }) {
            for y in area.y..<area.maxY {
                for bit in 0..<min(9, area.width) where y >> bit & 1 == 1 {
                    guard let cell = buffer.cell(x: area.x + bit, y: y), cell.text == " " else {
                        continue
                    }
                    buffer.put("\u{A0}", x: area.x + bit, y: y, style: cell.style)
                }
            }
        }
        return buffer
    }

    /// Writes the next piece of the pictures that wait.
    mutating func sendPiece() {
        let begins = !queue.isInsidePart
        if begins { partBegan = .now }
        guard let piece = queue.piece(limit: Self.pieceSize) else { return }
        let ends = !queue.isInsidePart
        // A cursor that jumps to the picture and back is not to be seen.
        let hides = showsCursor && begins ? Self.hideCursor : []
        let shows = showsCursor && ends ? Self.showCursor : []
        // Nobody reads any more: the rest is of no use.
        if !write(hides + piece + shows) { _ = queue.abandon() }
    }

    /// Ends the part of a picture that is being written, where that is possible.
    ///
    /// - Returns: whether text may be written.
    mutating func makeWay() -> Bool {
        guard queue.isInsidePart else { return true }
        guard queue.canCut, .now - partBegan > Self.patience else { return false }
        write(queue.cut() + (showsCursor ? Self.showCursor : []))
        return true
    }

    /// Stops sending pictures, wherever that is.
    mutating func stopSending() {
        let shows = showsCursor && queue.isInsidePart ? Self.showCursor : []
        write(queue.abandon() + shows)
    }

    /// The next frame is printed as a whole and all its pictures are sent.
    mutating func forget() {
        shown = nil
        placer.reset()
    }

    /// Takes pictures away that would outlive the screen.
    mutating func removePictures() {
        stopSending()
        for picture in placer.shown where !picture.removal.isEmpty { write(picture.removal) }
        placer.reset()
    }

    /// Hands a text to the terminal's clipboard.
    func copy(_ text: String) {
        let encoded = Data(text.utf8).base64EncodedString()
        write(Array("\u{1B}]52;c;\(encoded)\u{07}".utf8))
    }

    /// Prints through curses. Where it sees three lines that have moved, it scrolls them in the
    /// terminal, and pictures beside them with them: then it gets to see two lines at a time.
    private func print(_ runs: [BufferDiff.Run], of frame: Frame, isPlain: Bool) {
        let cursor = frame.cursor ?? Position(x: 0, y: max(0, frame.buffer.size.height - 1))
        func flush() {
            lt_flush(Int32(cursor.y), Int32(cursor.x), frame.cursor == nil ? 0 : 1)
        }
        var rows: Set<Int> = []
        for run in runs {
            if !isPlain, shown != nil, rows.count == 2, !rows.contains(run.y) {
                flush()
                rows = []
            }
            rows.insert(run.y)
            put(run)
        }
        flush()
    }

    private func put(_ run: BufferDiff.Run) {
        var column = run.x
        for cell in run.cells {
            defer { column += 1 }
            guard cell.width > 0 else { continue }
            let foreground = depth.index(of: cell.style.foreground)
            let background = depth.index(of: cell.style.background)
            let attributes = UInt32(
                cell.style.attributes.union(foreground.attributes).rawValue)
            for (offset, text) in Self.printed(cell).enumerated() {
                lt_put(
                    Int32(run.y), Int32(column + offset), text, attributes, foreground.number,
                    background.number)
            }
        }
    }

    /// What curses is given for a cell, each text ended by 0. A character that the C library does not
    /// know, or takes for wider or narrower than its cells, would move everything behind it: U+FFFD
    /// stands for it.
    private static func printed(_ cell: Cell) -> [[wchar_t]] {
        let scalars = cell.text.unicodeScalars
        if let first = scalars.first, !first.isASCII, lt_width(first.value) != Int32(cell.width) {
            return [[0xFFFD, 0]] + (cell.width > 1 ? [[0x20, 0]] : [])
        }
        return [scalars.map { wchar_t($0.value) } + [0]]
    }

    @discardableResult
    private func write(_ bytes: [UInt8]) -> Bool {
        bytes.isEmpty || lt_write(bytes, bytes.count) == 0
    }
}
