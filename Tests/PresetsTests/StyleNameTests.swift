import Presets
import Testing

@testable import Generation

@Suite("Names of styles elsewhere")
struct StyleNameTests {
    @Test("ours in the table are styles that ship", arguments: StyleNames.rows.map(\.own))
    func own(name: String) {
        let library = PresetLibrary.load(userFolder: nil)
        #expect(library.styles.contains { $0.name == name })
    }
}
