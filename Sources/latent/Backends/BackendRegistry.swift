import Foundation
import Generation
import Providers
import Settings

/// The backends of this process by name.
struct BackendRegistry: Sendable {
    let configuration: Configuration
    let environment: [String: String]
    let catalog: ModelCatalog
    private let remotes: RemoteBackends

    init(configuration: Configuration, environment: [String: String], catalog: ModelCatalog) {
        self.configuration = configuration
        self.environment = environment
        self.catalog = catalog
        remotes = RemoteBackends(environment: environment)
    }

    /// Every name that `--backend` takes here.
    var names: [String] {
        ["local"] + (offersFake ? ["fake"] : []) + remoteNames + configuration.groups.keys.sorted()
    }

    /// The kinds, each under its own name, and what is configured.
    var remoteNames: [String] {
        let kinds = ServiceRegistry.services.map(\.profile.kind.rawValue)
        return kinds + configuration.backends.keys.filter { !kinds.contains($0) }.sorted()
    }

    /// Names that are worth offering without being asked: local ones, configured ones, groups, and
    /// services whose key is in the environment.
    var offeredNames: [String] {
        names.filter { name in
            guard configuration.backends[name] == nil, let kind = BackendKind(rawValue: name) else {
                return true
            }
            guard let variable = kind.keyVariable else { return false }
            return environment[variable]?.isEmpty == false
        }
    }

    /// The settings of a remote backend; nil for local ones and groups.
    func settings(of name: String) -> BackendSettings? {
        configuration.backends[name]
            ?? BackendKind(rawValue: name).map { BackendSettings(kind: $0) }
    }

    /// Jobs that a backend runs side by side; of a group, those of its members together.
    func parallelJobs(of name: String) -> Int {
        guard let members = configuration.groups[name], settings(of: name) == nil else {
            return settings(of: name)?.parallelJobs ?? 1
        }
        return members.reduce(0) { $0 + (settings(of: $1)?.parallelJobs ?? 1) }
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
        default: break
        }
        if let settings = settings(of: name) {
            return try remotes.generator(named: name, settings, baseURL: baseURL)
        }
        guard let members = configuration.groups[name] else {
            throw UnknownBackend(name: name, known: names)
        }
        return BackendGroup(
            id: name,
            members: try members.map { try generator(named: $0, baseURL: baseURL) },
            places: members.map { settings(of: $0)?.parallelJobs ?? 1 })
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
