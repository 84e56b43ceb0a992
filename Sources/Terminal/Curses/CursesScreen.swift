import CTerminal
import Foundation
import Screen

/// Shows frames through curses, and pictures past it.
struct CursesScreen {
    private static let beginSynchronized = Array("\u{1B}[?2026h".utf8)
    private static let endSynchronized = Array("\u{1B}[?2026l".utf8)

    private static let hideCursor = Array("\u{1B}[?25l".utf8)
    private static let showCursor = Array("\u{1B}[?25h".utf8)

    private let depth: ColorDepth
    private let synchronizes: Bool
    private var shown: ScreenBuffer?
    private var placer = GraphicsPlacer()

    init(depth: ColorDepth, synchronizes: Bool) {
        self.depth = depth
        self.synchronizes = synchronizes
    }

    /// Prints what changed, then sends the pictures that the placer asks for.
    mutating func present(_ frame: Frame, _ graphics: [PlacedGraphic]) {
        // A picture that touches the last row would scroll the screen.
        let wanted = graphics.filter { $0.area.maxY < frame.buffer.size.height }
        let diff = BufferDiff(from: shown, to: frame.buffer)
        let erasures = placer.prepare(for: wanted)
        var printed = diff.runs.map(\.area)
        if synchronizes { write(Self.beginSynchronized) }
        for case .erase(let picture) in erasures {
            write(picture.removal)
            lt_repaint_rows(Int32(picture.area.y), Int32(picture.area.height))
            printed.append(
                Rect(
                    x: 0, y: picture.area.y, width: frame.buffer.size.width,
                    height: picture.area.height))
        }
        for run in diff.runs { put(run) }
        let cursor = frame.cursor ?? Position(x: 0, y: max(0, frame.buffer.size.height - 1))
        lt_flush(Int32(cursor.y), Int32(cursor.x), frame.cursor == nil ? 0 : 1)
        shown = frame.buffer
        let due = placer.place(wanted, printed: printed)
        if !due.isEmpty, frame.cursor != nil { write(Self.hideCursor) }
        for case .draw(let picture) in due { draw(picture) }
        if !due.isEmpty, frame.cursor != nil { write(Self.showCursor) }
        if synchronizes { write(Self.endSynchronized) }
    }

    /// The next frame is printed as a whole and all its pictures are sent.
    mutating func forget() {
        shown = nil
        placer.reset()
    }

    /// Takes pictures away that would outlive the screen.
    mutating func removePictures() {
        for picture in placer.shown where !picture.removal.isEmpty { write(picture.removal) }
        placer.reset()
    }

    /// Hands a text to the terminal's clipboard.
    func copy(_ text: String) {
        let encoded = Data(text.utf8).base64EncodedString()
        write(Array("\u{1B}]52;c;\(encoded)\u{07}".utf8))
    }

    private func put(_ run: BufferDiff.Run) {
        var column = run.x
        for cell in run.cells {
            defer { column += 1 }
            guard cell.width > 0 else { continue }
            let foreground = depth.index(of: cell.style.foreground)
            let background = depth.index(of: cell.style.background)
            var attributes = UInt32(cell.style.attributes.rawValue)
            if foreground.brightens { attributes |= UInt32(Style.Attributes.bold.rawValue) }
            var text = cell.text.unicodeScalars.map { wchar_t($0.value) }
            text.append(0)
            lt_put(
                Int32(run.y), Int32(column), text, attributes, foreground.number,
                background.number)
        }
    }

    /// Saves the cursor and the attributes that curses believes in, draws, restores them.
    private func draw(_ picture: PlacedGraphic) {
        let move = "\u{1B}7\u{1B}[\(picture.area.y + 1);\(picture.area.x + 1)H"
        write(Array(move.utf8) + picture.bytes + Array("\u{1B}8".utf8))
    }

    private func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        _ = lt_write(bytes, bytes.count)
    }
}
