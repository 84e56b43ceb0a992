import Testing

@testable import Images

@Suite struct JSONValueTests {
    @Test func everyKindOfValueIsRead() throws {
        let text = #"{"a":[1,-2.5e3,true,false,null],"b":"x\n\"\\A😀\/","c":{}}"#
        let value = try #require(JSONValue(parsing: text))
        #expect(value["a"]?[0]?.integer == 1)
        #expect(value["a"]?[1]?.double == -2500)
        #expect(value["a"]?[2]?.truth == true)
        #expect(value["a"]?[4] == .null)
        #expect(value["b"]?.text == "x\n\"\\A😀/")
        #expect(value["c"]?.members?.isEmpty == true)
    }

    @Test func escapedScalarsIncludeSurrogatePairs() {
        #expect(JSONValue(parsing: "\"\\u0041\\uD83D\\uDE00\\uD83Dx\"") == .string("A😀\u{FFFD}x"))
    }

    @Test func aSeedOf64BitsIsExact() {
        #expect(JSONValue(parsing: "18446744073709551615")?.unsigned == .max)
        #expect(JSONValue(parsing: "\"18446744073709551615\"")?.unsigned == .max)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "tru", "\"open", "1 2", "{\"a\":1,}", "--1", "\"\\u12\"",
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(JSONValue(parsing: text) == nil)
    }

    @Test func depthAndSizeAreBounded() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(JSONValue(parsing: deep) == nil)
        var limits = JSONValue.Limits()
        limits.values = 10
        #expect(JSONValue(parsing: "[1,1,1,1,1,1,1,1,1,1]", limits: limits) == nil)
        #expect(JSONValue(parsing: "[1,1,1]", limits: limits) != nil)
    }

    @Test func pythonsNumbersThatAreNotNumbersAreNull() {
        #expect(JSONValue(parsing: "[NaN, Infinity, -Infinity]") == .array([.null, .null, .null]))
    }

    @Test func aTailIsIgnoredWhenAsked() {
        #expect(JSONValue(parsingPrefixOf: "{\"a\":1}, Version: x")?["a"]?.integer == 1)
    }
}
