import Foundation
import Generation
import Providers
import Settings
import Synchronization
import Transport

/// The remote backends of this process: one generator per name and address, so that connections,
/// keys and places in the queue are shared.
final class RemoteBackends: Sendable {
    private struct State {
        var generators: [String: RemoteGenerator] = [:]
        var transports: [ClientTransport.Configuration: ClientTransport] = [:]
        var keys: [String: Credential] = [:]
    }
    private let state = Mutex(State())
    private let environment: [String: String]

    init(environment: [String: String]) { self.environment = environment }

    /// The generator behind a name.
    ///
    /// - Throws: a ``UserFacingError`` when the settings cannot work.
    func generator(
        named name: String, _ settings: BackendSettings, baseURL: String?
    ) throws -> RemoteGenerator {
        guard let service = ServiceRegistry.service(of: settings.kind) else {
            throw RemoteError(.refused, "\(settings.kind.rawValue) is not supported yet")
        }
        let address = try baseURL.map(Self.address) ?? settings.baseURL ?? service.profile.baseURL
        let identity = "\(name) \(address.absoluteString)"
        return try state.withLock { state in
            if let known = state.generators[identity] { return known }
            let transport = try Self.transport(settings, &state)
            let generator = RemoteGenerator(
                configuration(name, settings, service, address), transport: transport)
            state.generators[identity] = generator
            return generator
        }
    }

    private func configuration(
        _ name: String, _ settings: BackendSettings, _ service: any RemoteService, _ address: URL
    ) -> RemoteGenerator.Configuration {
        var configuration = RemoteGenerator.Configuration(
            id: name, service: service, endpoint: Endpoint(address),
            slots: JobSlots(settings.parallelJobs ?? 1)
        ) { [self] in try await credential(name, settings) }
        configuration.model = settings.model
        configuration.userAgent = "latent/\(ProgramVersion.current)"
        if let seconds = settings.timeout {
            configuration.deadline = .milliseconds(Int(seconds * 1000))
        }
        configuration.pollInterval = settings.pollInterval.map {
            .milliseconds(Int($0 * 1000))
        }
        return configuration
    }

    /// The key, looked for once.
    private func credential(_ name: String, _ settings: BackendSettings) async throws -> Credential?
    {
        if let known = state.withLock({ $0.keys[name] }) { return known }
        let source = KeySource(name: name, settings: settings, environment: environment)
        guard let text = try await source.key() else { return nil }
        guard let credential = Credential(text) else {
            throw RemoteError(
                .key, "The key of \(name) holds characters that no key has",
                hint: "look for line breaks and control characters in it")
        }
        state.withLock { $0.keys[name] = credential }
        return credential
    }

    private static func transport(
        _ settings: BackendSettings, _ state: inout State
    ) throws -> ClientTransport {
        let configuration = ClientTransport.Configuration(
            proxy: settings.proxy,
            caFile: settings.caFile.map { ($0 as NSString).expandingTildeInPath })
        if let known = state.transports[configuration] { return known }
        let transport = try ClientTransport(configuration)
        state.transports[configuration] = transport
        return transport
    }

    /// An address as the journal keeps it: no user, no password, no query.
    static func recordedAddress(_ text: String) -> String? {
        (try? address(text)).map { Endpoint($0).base.absoluteString }
    }

    private static func address(_ text: String) throws -> URL {
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme?.lowercased()),
            url.host?.isEmpty == false
        else {
            throw InvalidArguments(descriptions: [
                "--base-url \(printable(text, limit: 80)): an address like https://host:port is "
                    + "needed"
            ])
        }
        return url
    }
}
