import Testing

@testable import Generation
@testable import Providers

@Suite("Names of styles at OctoAI")
struct OctoAIStyleNameTests {
    @Test("those of the table are of its list", arguments: StyleNames.rows.map(\.octoAI))
    func listed(name: String) {
        #expect(OctoAI.stylePresets.contains(name))
    }
}
