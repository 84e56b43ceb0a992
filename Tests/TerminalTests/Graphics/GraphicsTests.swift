import Foundation
import Generation
import Images
import Testing

@testable import Terminal

@Suite struct GraphicsTests {
    @Test(arguments: [
        // Version, DA1, kitty answer, multiplexer, expected.
        (
            "XTerm(379)", [63, 4], false, TerminalCapabilities.Multiplexer.none,
            GraphicsProtocol.sixel
        ),
        ("XTerm(379)", [64, 1], false, .none, .blocks),
        ("kitty(0.26.5)", [62], true, .none, .kittyDirect),
        ("kitty(0.28.0)", [62], true, .none, .kitty),
        ("kitty(0.28.0)", [62], false, .none, .blocks),
        ("ghostty 1.1.3", [62, 22], true, .none, .kitty),
        ("WezTerm 20240203", [65, 4], true, .none, .iterm2),
        ("iTerm2 3.5.0", [62, 4], false, .none, .iterm2),
        ("Konsole 23.8", [62, 4], true, .none, .sixel),
        ("tmux 3.3a", [1, 2], false, .tmux, .blocks),
        ("tmux 3.5", [1, 2, 4], false, .tmux, .sixel),
        ("", [62, 4], false, .screen, .blocks256),
        ("", [], false, .none, .blocks256),
    ])
    func theBestWayFollowsFromTheAnswers(
        _ version: String, _ attributes: [Int], _ kitty: Bool,
        _ multiplexer: TerminalCapabilities.Multiplexer, _ expected: GraphicsProtocol
    ) {
        var known = TerminalCapabilities()
        known.version = version
        known.deviceAttributes = attributes
        known.answersKittyGraphics = kitty
        known.multiplexer = multiplexer
        TerminalHints.refine(environment: [:], &known)
        #expect(GraphicsProtocol.best(for: known) == expected)
    }

    private typealias Asked = (
        asked: GraphicsProtocol, answered: Bool, attributes: [Int],
        multiplexer: TerminalCapabilities.Multiplexer, way: GraphicsProtocol, notice: String?
    )

    private static let asked: [Asked] = [
        (.sixel, true, [1, 2], .tmux, .blocks256, "tmux shows no sixel pictures: shown as half-"),
        (.sixel, true, [1, 2, 4], .tmux, .sixel, nil),
        (.sixel, true, [64, 1], .none, .sixel, "without --graphics it shows others"),
        (.sixel, false, [], .none, .sixel, nil), (.sixel, false, [], .tmux, .sixel, nil),
        (.kitty, true, [1, 2], .tmux, .blocks256, "This tmux shows no kitty pictures"),
        (.iterm2, true, [1, 2], .screen, .blocks256, "This screen shows no inline images"),
        (.iterm2, true, [64], .none, .iterm2, nil), (.blocks, true, [1, 2], .tmux, .blocks, nil),
        (.none, true, [1, 2], .tmux, .none, nil),
    ]

    @Test(arguments: asked.indices)
    func aWayThatAMultiplexerSwallowsIsReplacedAndTold(_ index: Int) {
        let (asked, answered, attributes, multiplexer, way, notice) = Self.asked[index]
        var known = TerminalCapabilities()
        known.answered = answered
        known.deviceAttributes = attributes
        known.multiplexer = multiplexer
        let choice = GraphicsChoice(asked, for: known)
        #expect(choice.way == way)
        #expect((choice.notice == nil) == (notice == nil))
        #expect(choice.isDoubtful == (notice != nil && way == asked))
        if let notice { #expect(choice.notice?.contains(notice) == true) }
        #expect(GraphicsChoice(nil, for: known).way == .best(for: known))
        #expect(GraphicsChoice(nil, for: known).notice == nil)
    }

    @Test func withoutColoursLettersAreLeft() {
        var known = TerminalCapabilities()
        known.colorDepth = .monochrome
        #expect(GraphicsProtocol.best(for: known) == .text)
    }

    @Test func kittySendsThePictureInChunksThatJoinToAPNG() throws {
        let image = try SixelEncoderTests.stripes(width: 300, height: 200)
        let fit = ImageFit(
            image, box: .init(width: 30, height: 10), cell: .init(width: 10, height: 20))
        let sent = String(
            decoding: try KittyGraphics.transmitForPlaceholders(image, id: 7, fit: fit)
                .flatMap { $0 }, as: UTF8.self)
        let parts = sent.components(separatedBy: "\u{1B}\\").dropLast()
        let first = try #require(parts.first)
        #expect(first.hasPrefix("\u{1B}_Ga=T,U=1,f=100,q=2,i=7,c=30,r=10,m="))
        var payload = ""
        for (index, part) in parts.enumerated() {
            let fields = part.split(separator: ";", maxSplits: 1)
            let isLast = index == parts.count - 1
            #expect(fields[0].hasSuffix(isLast ? "m=0" : "m=1"))
            #expect(fields[1].utf8.count <= 4096)
            payload += fields[1]
        }
        let data = try #require(Data(base64Encoded: payload))
        #expect(try PNGCodec.decode(Array(data)) == image)
    }

    @Test(
        "a picture that does not fill its last cells is filled up with nothing, not stretched",
        arguments: [(300, 200), (200, 300), (256, 256), (64, 63), (1, 500), (500, 1), (2000, 1500)])
    func kittyFillsUp(width: Int, height: Int) throws {
        let image = PixelImage(width: width, height: height, filledWith: (1, 2, 3))
        let cell = TerminalCapabilities.Size(width: 10, height: 19)
        let fit = ImageFit(image, box: .init(width: 80, height: 43), cell: cell)
        let sent = String(
            decoding: try KittyGraphics.place(image, id: 7, fit: fit).flatMap { $0 }, as: UTF8.self)
        #expect(
            sent.hasPrefix(
                "\u{1B}_Ga=T,C=1,f=100,q=2,i=7,c=\(fit.cells.width),r=\(fit.cells.height),m="))
        let payload = sent.components(separatedBy: "\u{1B}\\").dropLast()
            .compactMap { $0.split(separator: ";", maxSplits: 1).last }.joined()
        let png = [UInt8](try #require(Data(base64Encoded: payload)))
        let sides = [16, 20].map { at in png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        let across = Double(fit.cells.width * cell.width) / Double(sides[0])
        let down = Double(fit.cells.height * cell.height) / Double(sides[1])
        // What a pixel becomes on the screen: as wide as it is high, but for half a pixel of rounding
        // at each side and what the shown size is rounded by.
        let shown = (Double(fit.pixels.width), Double(fit.pixels.height))
        #expect(abs(across * Double(width) - shown.0) <= across / 2 + 0.5)
        #expect(abs(down * Double(height) - shown.1) <= down / 2 + 0.5)
        let isWhole = sides == [width, height]
        #expect(png[25] == (isWhole ? 2 : 6))
    }

    @Test func placeholdersNameRowAndColumn() {
        let rows = KittyGraphics.placeholderRows(columns: 3, rows: 2)
        #expect(rows.count == 2)
        #expect(
            Array(rows[1].unicodeScalars).map(\.value) == [
                0x10EEEE, 0x30D, 0x305, 0x10EEEE, 0x30D, 0x30D, 0x10EEEE, 0x30D, 0x30E,
            ])
        #expect(KittyDiacritics.scalars.count == 297)
    }

    @Test func anInlineImageIsAPNGInBase64() throws {
        let image = try SixelEncoderTests.stripes(width: 20, height: 10)
        let cells = TerminalCapabilities.Size(width: 4, height: 2)
        let text = String(decoding: try InlineImage.encode(image, cells: cells), as: UTF8.self)
        #expect(text.hasPrefix("\u{1B}]1337;File=inline=1;size="))
        #expect(text.hasSuffix("\u{07}"))
        let payload = try #require(text.split(separator: ":").last).dropLast()
        let data = try #require(Data(base64Encoded: String(payload)))
        #expect(try PNGCodec.decode(Array(data)) == image)
    }

    @Test(arguments: [60_000, 12_000])
    func anInlineImageKeepsToItsBytes(_ limit: Int) throws {
        var rgb: [UInt8] = []
        for pixel in 0..<(400 * 300) {
            let (x, y) = (pixel % 400, pixel / 400)
            rgb += [UInt8(x & 255), UInt8(y & 255), UInt8((x * y / 7) & 63)]
        }
        let image = try #require(PixelImage(width: 400, height: 300, rgb: rgb))
        let cells = TerminalCapabilities.Size(width: 40, height: 15)
        #expect(try InlineImage.encode(image, cells: cells).count > 60_000)
        let bytes = try InlineImage.encode(image, cells: cells, byteLimit: limit)
        #expect(bytes.count <= limit)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains(";width=40;height=15;"))
        let payload = try #require(text.split(separator: ":").last).dropLast()
        let data = try #require(Data(base64Encoded: String(payload)))
        let shown = try JPEGCodec.decode(Array(data))
        #expect(abs(shown.width * 3 - shown.height * 4) <= 8)
    }

    @Test func halfBlocksShowTwoPixelsPerCell() throws {
        let rgb: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]
        let image = try #require(PixelImage(width: 2, height: 2, rgb: rgb))
        let cells = HalfBlocks.cells(image, columns: 2, rows: 1)
        #expect(cells[0][0].upper == .init(red: 255, green: 0, blue: 0))
        #expect(cells[0][1].lower == .init(red: 9, green: 9, blue: 9))
        #expect(
            HalfBlocks.lines(image, columns: 2, rows: 1) == [
                "\u{1B}[38;2;255;0;0m\u{1B}[48;2;0;0;255m▀\u{1B}[38;2;0;255;0m\u{1B}[48;2;9;9;9m▀"
                    + "\u{1B}[0m"
            ])
    }

    @Test func equalNeighboursAreNotColouredAgain() {
        let image = PixelImage(width: 8, height: 2, filledWith: (255, 255, 255))
        let line = HalfBlocks.lines(image, columns: 8, rows: 1, palette256: true)[0]
        #expect(line == "\u{1B}[38;5;231m\u{1B}[48;5;231m▀▀▀▀▀▀▀▀\u{1B}[0m")
    }

    @Test func everyPaletteColourIsItsOwnNearest() throws {
        for index in 16...255 {
            let color = try #require(Palette256.color(at: index))
            let found = try #require(Palette256.color(at: Palette256.index(of: color)))
            #expect(found == color, "index \(index)")
        }
    }

    @Test func lettersGrowWithBrightness() throws {
        let rgb = (0..<10).flatMap { [UInt8](repeating: UInt8($0 * 28), count: 3) }
        let image = try #require(PixelImage(width: 10, height: 1, rgb: rgb))
        #expect(LetterArt.lines(image, columns: 10, rows: 1) == [" .:-=+*#%@"])
        #expect(LetterArt.lines(image, columns: 10, rows: 1, darkInk: true) == ["@%#*+=-:. "])
    }

    @Test func tmuxGetsEveryEscapeDoubled() {
        let wrapped = Passthrough.wrap(Array("\u{1B}[c".utf8), for: .tmux)
        #expect(String(decoding: wrapped, as: UTF8.self) == "\u{1B}Ptmux;\u{1B}\u{1B}[c\u{1B}\\")
        #expect(Passthrough.wrap([1, 2], for: .none) == [1, 2])
    }

    /// Proportions, box, cell and whole bands at once.
    @Test(arguments: [
        (512, 512, 40, 20, 10, 20, 396, 396, 40, 20),
        (1024, 512, 40, 20, 10, 20, 400, 198, 40, 10),
        (512, 1024, 40, 20, 10, 20, 198, 396, 20, 20),
        (8, 8, 1, 1, 10, 20, 10, 6, 1, 1),
    ])
    func aPictureFitsItsBox(
        _ width: Int, _ height: Int, _ columns: Int, _ rows: Int, _ cellWidth: Int,
        _ cellHeight: Int, _ shownWidth: Int, _ shownHeight: Int, _ coveredColumns: Int,
        _ coveredRows: Int
    ) {
        let image = PixelImage(width: width, height: height, filledWith: (0, 0, 0))
        let fit = ImageFit(
            image, box: .init(width: columns, height: rows),
            cell: .init(width: cellWidth, height: cellHeight), heightStep: 6)
        #expect(fit.pixels == .init(width: shownWidth, height: shownHeight))
        #expect(fit.cells == .init(width: coveredColumns, height: coveredRows))
    }

    @Test func aPictureNeverLeavesItsBoxNorTheTerminalsLimit() {
        for side in stride(from: 1, through: 2000, by: 37) {
            for box in [(1, 1), (3, 1), (80, 23), (7, 40)] {
                let image = PixelImage(width: side, height: 2001 - side, filledWith: (0, 0, 0))
                let fit = ImageFit(
                    image, box: .init(width: box.0, height: box.1),
                    cell: .init(width: 9, height: 17), heightStep: 6,
                    limit: .init(width: 300, height: 200))
                #expect(fit.cells.width <= box.0)
                #expect(fit.cells.height <= box.1)
                #expect(fit.pixels.width <= 300)
                #expect(fit.pixels.height <= 200)
                #expect(fit.pixels.height % 6 == 0)
            }
        }
    }
}
