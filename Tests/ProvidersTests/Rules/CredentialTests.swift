import Foundation
import Generation
import Providers
import Testing

@Suite struct CredentialTests {
    @Test func aKeyDescribesItselfAsDots() throws {
        let key = try #require(Credential("  sk-very-secret\n"))
        let texts = ["\(key)", String(reflecting: key), String(describing: [key])]
        for text in texts { #expect(!text.contains("secret")) }
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("secret"))
    }

    @Test(arguments: ["", "  ", "a\r\nX-Evil: 1", "a\u{0}b", "a\u{1B}b"])
    func whatCannotBeAHeaderIsNoKey(text: String) {
        #expect(Credential(text) == nil)
    }

    @Test func everyFormOfTheKeyIsTakenOut() throws {
        let key = try #require(Credential("user:p/ss word"))
        let base64 = Data("user:p/ss word".utf8).base64EncodedString()
        for text in ["user:p/ss word", "p/ss word", base64, "user%3Ap%2Fss%20word"] {
            #expect(!key.redacting("before \(text) after").contains(text))
            #expect(key.appears(in: "x\(text)y"))
        }
        #expect(key.redacting("nothing here") == "nothing here")
    }

    /// Long texts are cut before they are searched, and the cut may go through the key.
    @Test func whatACutLeavesOfTheKeyIsTakenOut() throws {
        let secret = "sk-very-secret"
        let key = try #require(Credential(secret))
        for length in 4..<secret.count {
            let text = printable("said: \(secret), see above", limit: 6 + length)
            #expect(key.redacting("\(text), is refused") == "said: •••…, is refused")
        }
        #expect(key.redacting("an ask…") == "an ask…")
    }

    @Test(
        arguments: [
            ("https://example.org/a.png", "https://api.example.com", true),
            ("http://127.0.0.1/a", "https://api.example.com", false),
            ("http://localhost/a", "https://api.example.com", false),
            ("http://10.0.0.7/a", "https://api.example.com", false),
            ("http://192.168.1.1/a", "https://api.example.com", false),
            ("http://169.254.169.254/latest", "https://api.example.com", false),
            ("http://[::1]/a", "https://api.example.com", false),
            ("http://127.0.0.1:9/a", "http://127.0.0.1:8188", true),
            ("file:///etc/passwd", "http://127.0.0.1:8188", false),
        ])
    func addressesOfResultsAreChecked(text: String, base: String, isTaken: Bool) throws {
        let endpoint = Endpoint(try #require(URL(string: base)))
        #expect(((try? ResultAddress(text, from: endpoint)) != nil) == isTaken)
    }

    @Test func aPathPrefixOfTheBaseSurvivesAndSegmentsStayInside() throws {
        let endpoint = Endpoint(try #require(URL(string: "https://h:8443/prefix/v1/")))
        #expect(
            endpoint.url("tasks", "a/../b?c#d", query: [("q", "1&2")]).absoluteString
                == "https://h:8443/prefix/v1/tasks/a%2F..%2Fb%3Fc%23d?q=1%262")
        #expect(endpoint.url("..").absoluteString == "https://h:8443/prefix/v1/%2E%2E")
    }
}
