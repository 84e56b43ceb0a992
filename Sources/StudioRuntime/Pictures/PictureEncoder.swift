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
    ///   - slot: 1...254; names the picture to terminals that keep pictures (kitty). It takes the
    ///     place of the one in ``partner(of:)``, which is shown until all of it has arrived.
    ///   - cell: size of a cell in pixels.
    ///   - byteLimit: sixel pictures give colours up until they fit; nil: what ``byteLimit(of:)``
    ///     allows.
    /// - Returns: nil when there is nothing to show or it cannot be encoded.
    func encode(
        _ image: PixelImage, for placement: ImagePlacement, cell: Size, slot: UInt8,
        byteLimit: Int? = nil
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
        let plan = Plan(
            key: Self.key(placement), fit: fit, area: area, slot: slot, ground: placement.ground)
        return try? encode(part, plan, byteLimit: byteLimit)
    }

    /// Where a picture goes and how large it is there.
    private struct Plan {
        let key: String
        let fit: ImageFit
        let area: Rect
        let slot: UInt8
        let ground: Screen.Color

        var cells: TerminalCapabilities.Size { .init(width: area.width, height: area.height) }

        func graphic(_ parts: [[UInt8]]) -> PlacedGraphic {
            PlacedGraphic(key: key, area: area, parts: parts)
        }
    }

    /// Names the encoded picture of a placement. The place is part of it: rows of text carry it.
    static func key(_ placement: ImagePlacement) -> String {
        let area = placement.area
        var key = "\(placement.imageID) \(area.x),\(area.y),\(area.width),\(area.height)"
        if let crop = placement.crop {
            key += " \(crop.x),\(crop.y),\(crop.width),\(crop.height) \(placement.scale ?? 0)"
        }
        if placement.ground != .standard { key += " \(placement.ground)" }
        return key
    }

    private func encode(
        _ image: PixelImage, _ plan: Plan, byteLimit: Int?
    ) throws -> PlacedGraphic {
        let (area, pixels) = (plan.area, plan.fit.pixels)
        switch graphics {
        case .sixel:
            let most = Self.byteLimit(of: pixels)
            var encoder = SixelEncoder(for: capabilities)
            encoder.ground = ground(plan.ground)
            let encoded = try encoder.encode(
                image, width: pixels.width, height: pixels.height,
                byteLimit: min(byteLimit ?? most, most))
            return PlacedGraphic(
                key: plan.key, area: area, parts: [encoded.bytes], cut: Self.stringTerminator,
                pixels: Size(width: encoded.width, height: encoded.height))
        case .kitty, .kittyDirect:
            return try kitty(Self.reduced(image, to: pixels), plan)
        case .iterm2:
            return plan.graphic([
                try InlineImage.encode(
                    Self.reduced(image, to: pixels), cells: plan.cells,
                    byteLimit: byteLimit ?? Self.byteLimit(of: pixels))
            ])
        case .blocks, .blocks256:
            let lines = HalfBlocks.lines(
                image, columns: area.width, rows: area.height, palette256: graphics == .blocks256)
            return plan.graphic(Self.rows(lines, at: area))
        case .text:
            return plan.graphic(
                Self.rows(LetterArt.lines(image, columns: area.width, rows: area.height), at: area))
        case .none: return plan.graphic([])
        }
    }

    /// The most bytes of a picture.
    private static func byteLimit(of pixels: TerminalCapabilities.Size) -> Int {
        SixelEncoder.byteLimit(width: pixels.width, height: pixels.height)
    }

    private static let stringTerminator = Array("\u{1B}\\".utf8)

    /// No more pixels than are shown; terminals enlarge by themselves.
    private static func reduced(_ image: PixelImage, to size: TerminalCapabilities.Size)
        -> PixelImage
    {
        image.resized(width: min(image.width, size.width), height: min(image.height, size.height))
    }

    /// The other slot of a place: 1 and 2 belong together, 3 and 4, and so on.
    static func partner(of slot: UInt8) -> UInt8 { (slot - 1 ^ 1) + 1 }

    /// Whether the terminal keeps pictures under names, so that equal pictures differ in bytes.
    var namesPictures: Bool { graphics == .kitty || graphics == .kittyDirect }

    private func kitty(_ image: PixelImage, _ plan: Plan) throws -> PlacedGraphic {
        let replaced = KittyGraphics.delete(id: Self.partner(of: plan.slot))
        let removal = KittyGraphics.delete(id: plan.slot) + replaced
        guard graphics == .kitty else {
            let parts = try KittyGraphics.place(image, id: plan.slot, fit: plan.fit)
            return PlacedGraphic(
                key: plan.key, area: plan.area, parts: parts + [replaced], removal: removal,
                abandonment: KittyGraphics.abandonment)
        }
        let parts = try KittyGraphics.transmitForPlaceholders(
            image, id: plan.slot, fit: plan.fit)
        let rows = KittyGraphics.placeholderRows(columns: plan.area.width, rows: plan.area.height)
            .map { "\u{1B}[38;5;\(plan.slot)m\($0)\u{1B}[39m" }
        func wrapped(_ bytes: [UInt8]) -> [UInt8] {
            Passthrough.wrap(bytes, for: capabilities.multiplexer)
        }
        return PlacedGraphic(
            key: plan.key, area: plan.area,
            parts: parts.map(wrapped) + Self.rows(rows, at: plan.area) + [wrapped(replaced)],
            removal: wrapped(removal), abandonment: wrapped(KittyGraphics.abandonment))
    }

    /// The colour that tmux fills up with; elsewhere nothing is filled up.
    private func ground(_ color: Screen.Color) -> TerminalCapabilities.Color? {
        guard capabilities.multiplexer == .tmux else { return nil }
        if case .rgb(let red, let green, let blue) = color {
            return .init(red: red, green: green, blue: blue)
        }
        return capabilities.background ?? .init(red: 0, green: 0, blue: 0)
    }

    /// Whether a picture may be ended in the middle for something that is more urgent.
    var canBeCut: Bool { graphics != .iterm2 }

    /// Lines of text, each at its place.
    private static func rows(_ lines: [String], at area: Rect) -> [[UInt8]] {
        lines.enumerated().map { row, line in
            Array("\u{1B}[\(area.y + row + 1);\(area.x + 1)H\u{1B}[0m\(line)".utf8)
        }
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
