import Screen
import Testing

@testable import Terminal

@Suite("Keys out of bytes")
struct KeyDecoderTests {
    private static let table: [(String, KeyEvent)] = [
        ("a", KeyEvent("a")), ("é", KeyEvent("é")), ("漢", KeyEvent("漢")), ("\r", KeyEvent(.enter)),
        ("\n", KeyEvent(.character("j"), .control)), ("\t", KeyEvent(.tab)),
        ("\u{7F}", KeyEvent(.backspace)), ("\u{8}", KeyEvent(.backspace)),
        ("\u{1}", KeyEvent(.character("a"), .control)),
        ("\u{1F}", KeyEvent(.character("_"), .control)),
        ("\u{0}", KeyEvent(.character(" "), .control)), ("\u{1B}[A", KeyEvent(.up)),
        ("\u{1B}OA", KeyEvent(.up)), ("\u{1B}[1;5A", KeyEvent(.up, .control)),
        ("\u{1B}[1;3C", KeyEvent(.right, .alt)),
        ("\u{1B}[1;6D", KeyEvent(.left, [.control, .shift])),
        ("\u{1B}[H", KeyEvent(.home)), ("\u{1B}[4~", KeyEvent(.end)),
        ("\u{1B}[3~", KeyEvent(.delete)),
        ("\u{1B}[5~", KeyEvent(.pageUp)), ("\u{1B}[Z", KeyEvent(.tab, .shift)),
        ("\u{1B}OP", KeyEvent(.function(1))), ("\u{1B}[11~", KeyEvent(.function(1))),
        ("\u{1B}[[A", KeyEvent(.function(1))), ("\u{1B}[15~", KeyEvent(.function(5))),
        ("\u{1B}[24~", KeyEvent(.function(12))), ("\u{1B}[1;2R", KeyEvent(.function(3), .shift)),
        ("\u{1B}a", KeyEvent(.character("a"), .alt)), ("\u{1B}\r", KeyEvent(.enter, .alt)),
        ("\u{1B}\u{7F}", KeyEvent(.backspace, .alt)), ("\u{1B}\u{1B}[A", KeyEvent(.up, .alt)),
        ("\u{1B}[13;5u", KeyEvent(.enter, .control)),
        ("\u{1B}[27;5;13~", KeyEvent(.enter, .control)),
        ("\u{1B}[97;5u", KeyEvent(.character("a"), .control)),
        ("\u{1B}é", KeyEvent(.character("é"), .alt)),
    ]

    @Test("known sequences", arguments: table)
    func sequences(bytes: String, key: KeyEvent) {
        var decoder = KeyDecoder()
        #expect(decoder.feed(Array(bytes.utf8)) == [.key(key)])
        #expect(!decoder.isWaiting)
    }

    @Test("Esc right before a key with Alt is a key of its own")
    func escapeBeforeAlt() {
        var decoder = KeyDecoder()
        #expect(
            decoder.feed(Array("\u{1B}\u{1B}p".utf8)) == [
                .key(KeyEvent(.escape)), .key(KeyEvent(.character("p"), .alt)),
            ])
        #expect(
            decoder.feed(Array("\u{1B}\u{1B}]11;rgb:0/0/0\u{7}x".utf8)) == [
                .key(KeyEvent(.escape)), .key(KeyEvent("x")),
            ])
    }

    @Test("the same in single bytes", arguments: table)
    func splitSequences(bytes: String, key: KeyEvent) {
        var decoder = KeyDecoder()
        let events = Array(bytes.utf8).flatMap { decoder.feed([$0]) }
        #expect(events == [.key(key)])
    }

    @Test("a lone Esc is a key once nothing follows")
    func loneEscape() {
        var decoder = KeyDecoder()
        #expect(decoder.feed([0x1B]).isEmpty)
        #expect(decoder.isWaiting)
        #expect(decoder.flush() == [.key(KeyEvent(.escape))])
        #expect(decoder.feed(Array("\u{1B}P".utf8)).isEmpty)
        #expect(decoder.flush() == [.key(KeyEvent(.character("P"), .alt))])
    }

    @Test(
        "answers of the terminal are no keys",
        arguments: [
            "\u{1B}[?62;4;22c", "\u{1B}[?1;0;256S", "\u{1B}[6;20;10t", "\u{1B}[24;80R",
            "\u{1B}P>|XTerm(379)\u{1B}\\", "\u{1B}]11;rgb:0000/0000/0000\u{7}",
            "\u{1B}]11;rgb:0000/0000/0000\u{1B}\\", "\u{1B}_Gi=31;OK\u{1B}\\", "\u{1B}[?2026;2$y",
            "\u{1B}[I", "\u{1B}[O",
        ])
    func answers(reply: String) {
        var decoder = KeyDecoder()
        let bytes = Array(("x" + reply + "y").utf8)
        #expect(decoder.feed(bytes) == [.key(KeyEvent("x")), .key(KeyEvent("y"))])
        var slow = KeyDecoder()
        #expect(bytes.flatMap { slow.feed([$0]) } == [.key(KeyEvent("x")), .key(KeyEvent("y"))])
    }

    @Test(
        "mouse reports",
        arguments: [
            ("\u{1B}[<0;5;3M", MouseEvent(.press(.left), at: Position(x: 4, y: 2))),
            ("\u{1B}[<0;5;3m", MouseEvent(.release(.left), at: Position(x: 4, y: 2))),
            ("\u{1B}[<32;5;3M", MouseEvent(.drag(.left), at: Position(x: 4, y: 2))),
            ("\u{1B}[<64;1;1M", MouseEvent(.scrollUp, at: Position(x: 0, y: 0))),
            ("\u{1B}[<65;300;1M", MouseEvent(.scrollDown, at: Position(x: 299, y: 0))),
            (
                "\u{1B}[<18;1;2M",
                MouseEvent(.press(.right), at: Position(x: 0, y: 1), modifiers: .control)
            ),
        ])
    func mouse(bytes: String, event: MouseEvent) {
        var decoder = KeyDecoder()
        #expect(decoder.feed(Array(bytes.utf8)) == [.mouse(event)])
    }

    @Test("a paste is one event, whatever it holds and however it is cut", arguments: [1, 7, 4096])
    func paste(piece: Int) {
        let text = "line one\r\nline \u{1B}[31mtwo\u{1B} 漢字\u{1B}[201"
        let bytes = Array(("a\u{1B}[200~" + text + "\u{1B}[201~b").utf8)
        var decoder = KeyDecoder()
        var events: [TerminalEvent] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            events += decoder.feed(bytes[start..<min(start + piece, bytes.count)])
        }
        #expect(events == [.key(KeyEvent("a")), .paste(text), .key(KeyEvent("b"))])
    }

    @Test("a paste of 4 MiB in small pieces takes no time worth speaking of")
    func largePaste() {
        let text = String(repeating: "0123456789 abcde", count: 262_144)
        let bytes = Array(("\u{1B}[200~" + text + "\u{1B}[201~").utf8)
        var decoder = KeyDecoder()
        var events: [TerminalEvent] = []
        let clock = ContinuousClock()
        let time = clock.measure {
            for start in stride(from: 0, to: bytes.count, by: 1024) {
                events += decoder.feed(bytes[start..<min(start + 1024, bytes.count)])
            }
        }
        #expect(events == [.paste(text)])
        // Quadratic work would take minutes.
        #expect(time < .seconds(10))
    }

    @Test("bytes that are no UTF-8 become replacement characters and lose nothing else")
    func invalid() {
        var decoder = KeyDecoder()
        let events = decoder.feed([0x61, 0xFF, 0x62, 0xC3, 0x63, 0xE6, 0xBC, 0x64])
        let keys: [Character] = ["a", "\u{FFFD}", "b", "\u{FFFD}", "c", "\u{FFFD}", "d"]
        #expect(events == keys.map { .key(KeyEvent($0)) })
        #expect(decoder.feed([0xE6, 0xBC]).isEmpty)
        #expect(decoder.flush() == [.key(KeyEvent("\u{FFFD}"))])
    }

    @Test("random bytes neither crash nor get stuck", arguments: 0..<50)
    func fuzz(seed: Int) {
        var state = UInt64(seed) &* 977 &+ 13
        func random() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        let likely: [UInt8] = [
            0x1B, 0x5B, 0x4F, 0x50, 0x5D, 0x3B, 0x32, 0x30, 0x7E, 0x3C, 0x4D, 0x5C, 0x07,
        ]
        var decoder = KeyDecoder()
        for _ in 0..<400 {
            let byte = random() % 3 == 0 ? random() : likely[Int(random()) % likely.count]
            _ = decoder.feed([byte])
            if random() % 9 == 0 { _ = decoder.flush() }
        }
        // Whatever came before: an end of paste and an end of string lead back to plain keys.
        _ = decoder.feed(Array("\u{1B}[201~\u{1B}\\\u{7}".utf8))
        _ = decoder.flush()
        #expect(decoder.feed(Array("q".utf8)).last == .key(KeyEvent("q")))
    }

    @Test("terminfo's own sequences are known")
    func extra() {
        var decoder = KeyDecoder(extraKeys: [Array("\u{1B}[8;9x".utf8): KeyEvent(.home)])
        #expect(decoder.feed(Array("\u{1B}[8;9x".utf8)) == [.key(KeyEvent(.home))])
    }
}
