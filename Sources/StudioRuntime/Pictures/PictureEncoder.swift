import Generation
import Images
import Screen
import Terminal

/// Turns pixels into what the terminal takes. A value: calls may run on any thread.
public struct PictureEncoder: Sendable {
    /// How pictures are shown.
    public let graphics: GraphicsProtocol
    private let capabilities: TerminalCapabilities

    /// An encoder for a terminal; `graphics` is what its user or ``GraphicsProtocol/best(for:)``
    /// chose.
    public init(graphics: GraphicsProtocol, capabilities: TerminalCapabilities) {
        self.graphics = graphics
        self.capabilities = capabilities
    }

    /// Whether anything is shown at all.
    public var showsPictures: Bool { graphics != .none }

    /// Whether a picture of a few cells can be told from another.
    var showsThumbnails: Bool { graphics != .none && graphics != .text }

    /// Pixels that a cell of a picture made of text shows; nil for pictures of real pixels.
    var pixelsOfTextCell: Size? { graphics.isText ? Size(width: 1, height: 2) : nil }

    /// Encodes a picture, or a part of it, for an area of cells: as large as fits, in the middle.
    ///
    /// - Parameters:
    ///   - slot: 1...255; names the picture to terminals that keep pictures (kitty).
    ///   - cell: size of a cell in pixels.
    /// - Returns: nil when there is nothing to show or it cannot be encoded.
    func encode(
        _ image: PixelImage, for placement: ImagePlacement, cell: Size, slot: UInt8
    ) -> PlacedGraphic? {
        guard !placement.area.isEmpty else { return nil }
        var part = placement.crop.map { Self.crop(image, $0) } ?? image
        if let scale = placement.scale { part = Self.enlarged(part, by: scale) }
        let box = TerminalCapabilities.Size(
            width: placement.area.width, height: placement.area.height)
        let cellSize: TerminalCapabilities.Size =
            graphics.isText
            ? .init(width: 1, height: 2) : .init(width: cell.width, height: cell.height)
        let fit = ImageFit(
            part, box: box, cell: cellSize, mayGrow: placement.scale == nil,
            heightStep: graphics == .sixel ? 6 : 1,
            limit: graphics == .sixel ? capabilities.sixelGeometry : nil)
        let cells = Size(
            width: min(fit.cells.width, placement.area.width),
            height: min(fit.cells.height, placement.area.height))
        let area = placement.area.centered(cells)
        guard let (bytes, removal) = try? bytes(part, fit, area, slot) else { return nil }
        return PlacedGraphic(
            key: Self.key(placement), area: area, bytes: bytes, removal: removal)
    }

    /// Names the encoded picture of a placement. The place is part of it: rows of text carry it.
    static func key(_ placement: ImagePlacement) -> String {
        let area = placement.area
        var key = "\(placement.imageID) \(area.x),\(area.y),\(area.width),\(area.height)"
        if let crop = placement.crop {
            key += " \(crop.x),\(crop.y),\(crop.width),\(crop.height) \(placement.scale ?? 0)"
        }
        return key
    }

    private func bytes(
        _ image: PixelImage, _ fit: ImageFit, _ area: Rect, _ slot: UInt8
    ) throws -> (bytes: [UInt8], removal: [UInt8]) {
        let cells = TerminalCapabilities.Size(width: area.width, height: area.height)
        switch graphics {
        case .sixel:
            let encoded = try SixelEncoder(for: capabilities).encode(
                image, width: fit.pixels.width, height: fit.pixels.height)
            return (encoded.bytes, [])
        case .kitty, .kittyDirect:
            let scaled = image.resized(
                width: min(image.width, fit.pixels.width),
                height: min(image.height, fit.pixels.height))
            return try kittyBytes(scaled, cells, area, slot)
        case .iterm2:
            let scaled = image.resized(
                width: min(image.width, fit.pixels.width),
                height: min(image.height, fit.pixels.height))
            return (try InlineImage.encode(scaled, cells: cells), [])
        case .blocks, .blocks256:
            let lines = HalfBlocks.lines(
                image, columns: area.width, rows: area.height, palette256: graphics == .blocks256)
            return (Self.rows(lines, at: area), [])
        case .text:
            return (
                Self.rows(LetterArt.lines(image, columns: area.width, rows: area.height), at: area),
                []
            )
        case .none: return ([], [])
        }
    }

    private func kittyBytes(
        _ image: PixelImage, _ cells: TerminalCapabilities.Size, _ area: Rect, _ slot: UInt8
    ) throws -> (bytes: [UInt8], removal: [UInt8]) {
        let removal = KittyGraphics.delete(id: slot)
        guard graphics == .kitty else {
            return (removal + (try KittyGraphics.place(image, id: slot, cells: cells)), removal)
        }
        let transmission = try KittyGraphics.transmitForPlaceholders(image, id: slot, cells: cells)
        let rows = KittyGraphics.placeholderRows(columns: area.width, rows: area.height)
            .map { "\u{1B}[38;5;\(slot)m\($0)\u{1B}[39m" }
        let multiplexer = capabilities.multiplexer
        return (
            Passthrough.wrap(removal + transmission, for: multiplexer) + Self.rows(rows, at: area),
            Passthrough.wrap(removal, for: multiplexer)
        )
    }

    /// Lines of text, each at its place.
    private static func rows(_ lines: [String], at area: Rect) -> [UInt8] {
        var text = ""
        for (row, line) in lines.enumerated() {
            text += "\u{1B}[\(area.y + row + 1);\(area.x + 1)H\u{1B}[0m\(line)"
        }
        return Array(text.utf8)
    }

    /// Every pixel as a square: nothing is invented between them.
    static func enlarged(_ image: PixelImage, by scale: Int) -> PixelImage {
        guard scale > 1 else { return image }
        let width = image.width * scale
        var rgb: [UInt8] = []
        rgb.reserveCapacity(width * image.height * scale * 3)
        for y in 0..<image.height {
            var row: [UInt8] = []
            row.reserveCapacity(width * 3)
            for x in 0..<image.width {
                let start = (y * image.width + x) * 3
                for _ in 0..<scale { row += image.rgb[start..<start + 3] }
            }
            for _ in 0..<scale { rgb += row }
        }
        return PixelImage(width: width, height: image.height * scale, rgb: rgb) ?? image
    }

    private static func crop(_ image: PixelImage, _ part: Rect) -> PixelImage {
        let part = part.intersection(Rect(x: 0, y: 0, width: image.width, height: image.height))
        guard !part.isEmpty else { return image }
        var rgb: [UInt8] = []
        rgb.reserveCapacity(part.width * part.height * 3)
        for y in part.y..<part.maxY {
            let start = (y * image.width + part.x) * 3
            rgb += image.rgb[start..<(start + part.width * 3)]
        }
        return PixelImage(width: part.width, height: part.height, rgb: rgb) ?? image
    }
}
