import Testing

@testable import Terminal

@Suite struct ProbeReplyParserTests {
    /// What xterm 379 with `-ti vt340` answers.
    static let xterm =
        "\u{1B}P>|XTerm(379)\u{1B}\\\u{1B}[6;19;10t\u{1B}[4;760;1200t\u{1B}[8;40;120t"
        + "\u{1B}[?1;0;1024S\u{1B}[?2;0;1200;760S\u{1B}[?2026;0$y"
        + "\u{1B}]11;rgb:1e1e/1e1e/2e2e\u{1B}\\\u{1B}[?63;1;2;4;6;9;15;16;17;18;21;22;28c"
    static let kitty =
        "\u{1B}P>|kitty(0.35.2)\u{1B}\\\u{1B}[6;18;9t\u{1B}_Gi=31;OK\u{1B}\\"
        + "\u{1B}[?2026;2$y\u{1B}]11;rgb:00/00/00\u{07}\u{1B}[?62;c"

    static func parse(_ text: String) -> ProbeReplyParser {
        var parser = ProbeReplyParser()
        parser.feed(Array(text.utf8))
        parser.finish()
        return parser
    }

    @Test func everyAnswerOfXtermIsRead() {
        let found = Self.parse(Self.xterm)
        #expect(found.isComplete)
        #expect(found.typed.isEmpty)
        let capabilities = found.capabilities
        #expect(capabilities.version == "XTerm(379)")
        #expect(capabilities.brand == "xterm")
        #expect(capabilities.supportsSixel)
        #expect(capabilities.sixelRegisters == 1024)
        #expect(capabilities.sixelGeometry == .init(width: 1200, height: 760))
        #expect(capabilities.cellPixels == .init(width: 10, height: 19))
        #expect(capabilities.cells == .init(width: 120, height: 40))
        #expect(capabilities.background == .init(red: 0x1E, green: 0x1E, blue: 0x2E))
        #expect(!capabilities.supportsSynchronizedOutput)
        #expect(!capabilities.answersKittyGraphics)
    }

    @Test func everyAnswerOfKittyIsRead() {
        let capabilities = Self.parse(Self.kitty).capabilities
        #expect(capabilities.answersKittyGraphics)
        #expect(capabilities.supportsSynchronizedOutput)
        #expect(capabilities.supportsKittyPlaceholders)
        #expect(!capabilities.supportsSixel)
        #expect(capabilities.versionNumbers == [0, 35, 2])
        #expect(capabilities.background == .init(red: 0, green: 0, blue: 0))
    }

    /// A reply may be cut at any byte by the reads that fetch it.
    @Test(arguments: [Self.xterm, Self.kitty])
    func everySplitGivesTheSame(_ replies: String) {
        let bytes = Array(replies.utf8)
        let whole = Self.parse(replies).capabilities
        for cut in 0...bytes.count {
            var parser = ProbeReplyParser()
            parser.feed(bytes[..<cut])
            parser.feed(bytes[cut...])
            parser.finish()
            #expect(parser.capabilities == whole, "cut at \(cut)")
            #expect(parser.typed.isEmpty, "cut at \(cut)")
        }
    }

    @Test(arguments: [
        ("abc", "abc"),
        ("\u{1B}[A", "\u{1B}[A"),
        ("\u{1B}", "\u{1B}"),
        ("\u{1B}x", "\u{1B}x"),
        ("\u{1B}\u{1B}[A", "\u{1B}\u{1B}[A"),
        ("\u{1B}OP", "\u{1B}OP"),
        ("é\u{1B}[200~pasted\u{1B}[201~", "é\u{1B}[200~pasted\u{1B}[201~"),
        ("\u{1B}[1;5A", "\u{1B}[1;5A"),
        ("\u{1B}[<0;3;4M", "\u{1B}[<0;3;4M"),
        ("\u{1B}]unfinished", "\u{1B}]unfinished"),
    ])
    func keysStayTyped(_ keys: String, _ expected: String) {
        #expect(Self.parse(keys).typed == Array(expected.utf8))
    }

    @Test func keysBetweenRepliesKeepTheirOrder() {
        let found = Self.parse("a\u{1B}[6;20;10tb\u{1B}[A\u{1B}]11;rgb:f/f/f\u{07}c\u{1B}[?62;4cd")
        #expect(String(decoding: found.typed, as: UTF8.self) == "ab\u{1B}[Acd")
        #expect(found.capabilities.cellPixels == .init(width: 10, height: 20))
        #expect(found.capabilities.background == .init(red: 255, green: 255, blue: 255))
    }

    @Test func repliesThatComeLateAreStillTakenOut() {
        var parser = ProbeReplyParser()
        parser.feed(Array("x\u{1B}[6;2".utf8))
        #expect(parser.isInsideSequence)
        #expect(parser.takeTyped() == Array("x".utf8))
        parser.feed(Array("0;10t\u{1B}[?64;4cy".utf8))
        #expect(parser.isComplete)
        #expect(parser.takeTyped() == Array("y".utf8))
        #expect(parser.capabilities.cellPixels == .init(width: 10, height: 20))
    }

    @Test(arguments: [
        "\u{1B}[?1;3;0S", "\u{1B}[?2;3S", "\u{1B}[?1;0;0S", "\u{1B}[6;0;0t", "\u{1B}[4;-1;5t",
        "\u{1B}[6;99999999999999999999;1t", "\u{1B}]11;rgb:zz/1/2\u{07}", "\u{1B}]11;\u{07}",
        "\u{1B}_Gi=31;ENOTSUPPORTED\u{1B}\\", "\u{1B}_G\u{1B}\\", "\u{1B}[?;;;c", "\u{1B}P\u{1B}\\",
        "\u{1B}[?2026;0$y", "\u{1B}P>|\u{1B}\\",
    ])
    func errorsAndNonsenseSayNothing(_ reply: String) {
        let found = Self.parse(reply).capabilities
        #expect(found.cellPixels == nil)
        #expect(found.sixelRegisters == nil)
        #expect(found.sixelGeometry == nil)
        #expect(found.background == nil)
        #expect(!found.answersKittyGraphics)
        #expect(!found.supportsSixel)
    }

    @Test func anEndlessSequenceIsGivenBack() {
        let flood = "\u{1B}]11;" + String(repeating: "x", count: 10_000)
        #expect(Self.parse(flood).typed == Array(flood.utf8))
    }

    @Test func randomBytesAreNeverLost() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            // Without `c`, `t`, `S` and `y` nothing can be a reply, so all of it is typed.
            let alphabet = Array("\u{1B}[]P_?;0123456789\\Gax\u{07}".utf8)
            let bytes = (0..<40).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            guard !bytes.contains(0x07), !bytes.contains(UInt8(ascii: "\\")) else { continue }
            var parser = ProbeReplyParser()
            parser.feed(bytes)
            parser.finish()
            #expect(parser.typed == bytes)
        }
    }

    @Test func cellSizeComesFromTheTextAreaWhereNobodySaysIt() {
        let found = Self.parse("\u{1B}[4;480;800t\u{1B}[8;24;80t\u{1B}[?62c").capabilities
        #expect(found.cellPixels == .init(width: 10, height: 20))
    }

    @Test func tmuxTellsItself() {
        let found = Self.parse("\u{1B}P>|tmux 3.3a\u{1B}\\\u{1B}[?1;2c").capabilities
        #expect(found.multiplexer == .tmux)
        #expect(GraphicsProtocol.best(for: found) == .blocks256)
    }
}
