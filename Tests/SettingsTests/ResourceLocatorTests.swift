import Foundation
import Settings
import Testing

@Suite struct ResourceLocatorTests {
    /// A folder with an installed binary, removed when the body returns.
    private func withInstallation(_ body: (URL) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory
            .appendingPathComponent("locator-\(UUID().uuidString)").resolvingSymlinksInPath()
        defer { try? FileManager.default.removeItem(at: root) }
        try write(root.appendingPathComponent("bin/latent"))
        try body(root)
    }

    private func write(_ file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("x".utf8).write(to: file)
    }

    @Test func bundleBesideTheBinaryComesFirst() throws {
        try withInstallation { root in
            let locator = ResourceLocator(
                target: "Some", executable: root.appendingPathComponent("bin/latent"))
            #expect(locator.url(for: "data/file.bin") == nil)
            let shared = root.appendingPathComponent("share/latent/data/file.bin")
            try write(shared)
            #expect(locator.url(for: "data/file.bin")?.path == shared.path)
            let beside = root.appendingPathComponent("bin/latent_Some.resources/data/file.bin")
            try write(beside)
            #expect(locator.url(for: "data/file.bin")?.path == beside.path)
        }
    }

    @Test func aLinkToTheBinaryIsFollowed() throws {
        try withInstallation { root in
            let link = root.appendingPathComponent("link")
            try FileManager.default.createSymbolicLink(
                at: link, withDestinationURL: root.appendingPathComponent("bin/latent"))
            let shared = root.appendingPathComponent("share/latent/x")
            try write(shared)
            let locator = ResourceLocator(target: "Some", executable: link)
            #expect(locator.url(for: "x")?.path == shared.path)
        }
    }

    @Test func aMissingResourceIsNil() {
        #expect(ResourceLocator(target: "NoSuchTarget").url(for: "nothing") == nil)
    }
}
