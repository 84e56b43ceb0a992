import Foundation
import Settings
import Testing

@Suite struct FoldersTests {
    @Test func latentHomeHoldsEverything() {
        let folders = Folders(environment: ["LATENT_HOME": "/x", "XDG_DATA_HOME": "/y"])
        #expect(folders.sessions.path == "/x/data/sessions")
        #expect(folders.config.path == "/x/config")
    }

    @Test func xdgVariablesApplyAndRelativeOnesAreIgnored() {
        let folders = Folders(
            environment: ["HOME": "/h", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "relative"])
        #expect(folders.data.path == "/d/latent")
        #expect(folders.cache.path == "/h/.cache/latent")
        #expect(folders.state.path == "/h/.local/state/latent")
    }
}
