import Generation
import Terminal

/// A picture as the bytes that draw it below the cursor of a terminal, the cursor ending up on the
/// line after it.
struct PicturePresenter {
    let capabilities: TerminalCapabilities
    let way: GraphicsProtocol

    /// The bytes for one picture.
    ///
    /// - Throws: a ``UserFacingError`` when it cannot be encoded.
    func bytes(for image: PixelImage) throws -> [UInt8] {
        let size = capabilities.cells ?? .init(width: 80, height: 24)
        // One row stays free: a picture that reaches the last row scrolls the screen.
        let box = TerminalCapabilities.Size(width: size.width, height: max(1, size.height - 2))
        let fit = ImageFit(
            image, box: box, cell: capabilities.cell, mayGrow: way.isText,
            heightStep: way == .sixel ? 6 : 1,
            limit: way == .sixel ? capabilities.sixelGeometry : nil)
        switch way {
        case .none: return []
        case .text:
            return text(LetterArt.lines(image, columns: fit.cells.width, rows: fit.cells.height))
        case .blocks, .blocks256:
            return text(
                HalfBlocks.lines(
                    image, columns: fit.cells.width, rows: fit.cells.height,
                    palette256: way == .blocks256))
        case .kitty: return try placeholders(image, fit)
        case .kittyDirect, .sixel, .iterm2:
            return reserved(fit.cells.height, try graphics(image, fit))
        }
    }

    private func graphics(_ image: PixelImage, _ fit: ImageFit) throws -> [UInt8] {
        switch way {
        case .sixel:
            try SixelEncoder(for: capabilities)
                .encode(image, width: fit.pixels.width, height: fit.pixels.height).bytes
        case .iterm2: try InlineImage.encode(image, cells: fit.cells)
        default: try KittyGraphics.place(image, id: 1, fit: fit).flatMap { $0 }
        }
    }

    private func placeholders(_ image: PixelImage, _ fit: ImageFit) throws -> [UInt8] {
        let id: UInt8 = 1
        let sent = try KittyGraphics.transmitForPlaceholders(image, id: id, fit: fit)
            .flatMap { $0 }
        let rows = KittyGraphics.placeholderRows(
            columns: fit.cells.width, rows: fit.cells.height)
        return Passthrough.wrap(sent, for: capabilities.multiplexer)
            + text(rows.map { "\u{1B}[38;5;\(id)m\($0)\u{1B}[39m" })
    }

    private func text(_ lines: [String]) -> [UInt8] {
        Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    /// Makes room for `rows` rows below the cursor, draws at the top of it and steps past it, so
    /// that nothing depends on where a terminal leaves the cursor.
    private func reserved(_ rows: Int, _ picture: [UInt8]) -> [UInt8] {
        let room = String(repeating: "\n", count: rows) + "\u{1B}[\(rows)A\u{1B}7"
        return Array(room.utf8) + picture + Array("\u{1B}8\u{1B}[\(rows)B\r".utf8)
    }
}
