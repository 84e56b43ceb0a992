import Testing

@testable import Screen

@Suite("Names of keys")
struct KeyNameTests {
    @Test(
        "a name reads back as the same key",
        arguments: [
            KeyEvent("a"), KeyEvent("?"), KeyEvent(" "), KeyEvent("-"),
            KeyEvent(.character("p"), .control),
            KeyEvent(.enter, .alt), KeyEvent(.up, .control), KeyEvent(.tab, .shift),
            KeyEvent(.function(12)), KeyEvent(.character("Z"), .alt), KeyEvent(.pageDown),
            KeyEvent(.character("_"), .control), KeyEvent(.left, [.control, .shift]),
            KeyEvent(.character("-"), .alt), KeyEvent("F"), KeyEvent("漢"),
        ])
    func roundTrip(key: KeyEvent) {
        #expect(KeyEvent(name: key.name) == key)
    }

    @Test("what is no key is not read", arguments: ["", "Ctrl-", "F13", "F0", "Nothing", "ab"])
    func rejects(name: String) {
        #expect(KeyEvent(name: name) == nil)
    }
}
