import Foundation
import Generation
import Settings

/// The backends of this process by name.
struct BackendRegistry: Sendable {
    let configuration: Configuration
    let environment: [String: String]
    let catalog: ModelCatalog

    /// Every name that `--backend` takes here.
    var names: [String] {
        ["local"] + (offersFake ? ["fake"] : []) + configuration.backends.keys.sorted()
    }

    /// The fake is for tests: it is there when `LATENT_FAKE_BACKEND` is set.
    private var offersFake: Bool { environment["LATENT_FAKE_BACKEND"] != nil }

    /// The generator behind a name.
    ///
    /// - Parameter baseURL: another address for a remote backend.
    /// - Throws: ``UnknownBackend``.
    func generator(named name: String, baseURL: String? = nil) throws -> any ImageGenerator {
        switch name {
        case "local": return LocalBackend.generator(catalog)
        case "fake" where offersFake: return Self.fake(environment)
        default: throw UnknownBackend(name: name, known: names)
        }
    }

    /// `LATENT_FAKE_BACKEND` may hold the milliseconds of a step and a step that fails:
    /// `50`, `0,fail=2`.
    private static func fake(_ environment: [String: String]) -> FakeGenerator {
        let parts = (environment["LATENT_FAKE_BACKEND"] ?? "").split(separator: ",")
        let milliseconds = parts.first.flatMap { Int($0) } ?? 0
        let failingStep = parts.first { $0.hasPrefix("fail=") }.flatMap { Int($0.dropFirst(5)) }
        return FakeGenerator(
            stepDuration: .milliseconds(milliseconds),
            failure: failingStep.map { ($0, "The fake backend failed at step \($0)") })
    }
}

/// A name that no backend has.
struct UnknownBackend: UserFacingError, Hashable {
    let name: String
    let known: [String]

    var summary: String { "There is no backend \"\(printable(name, limit: 60))\"" }
    var hint: String? { "known here: \(known.joined(separator: ", "))" }
}
