import Foundation
import Generation
import Settings

/// What a check of a backend found, without a picture having been made.
public struct BackendCheck: Codable, Hashable, Sendable {
    /// How the key stands.
    public enum Key: String, Codable, Sendable {
        /// None is needed.
        case notNeeded
        /// It is needed, and none is set.
        case missing
        /// The service takes it.
        case accepted
        /// The service refuses it.
        case refused
        /// The answers do not tell.
        case unknown
    }

    public var name: String
    public var kind: String
    /// Without user or password.
    public var baseURL: String
    public var isReachable: Bool
    /// Until the first answer.
    public var milliseconds: Double?
    public var key: Key
    public var remainingCredits: Double?
    /// Versions, models, samplers.
    public var notes: [String]
    /// What is wrong, in words.
    public var problem: String?

    /// Whether a request could be sent.
    public var isUsable: Bool {
        isReachable && problem == nil && key != .missing && key != .refused
    }
}

extension RemoteGenerator {
    /// Asks the service without making a picture: whether it answers, takes the key, and what is
    /// left to spend.
    ///
    /// - Throws: a ``UserFacingError`` when the key cannot be looked for, `CancellationError`.
    public func check() async throws -> BackendCheck {
        let service = configuration.service
        var check = BackendCheck(
            name: id, kind: service.profile.kind.rawValue,
            baseURL: configuration.endpoint.base.absoluteString, isReachable: false, key: .unknown,
            notes: [])
        let credential = try await configuration.credential()
        if credential == nil { check.key = service.profile.needsKey ? .missing : .notNeeded }
        let caller = caller(credential)
        for probe in service.probes(at: configuration.endpoint) {
            let start = ContinuousClock.now
            switch try await caller.send(probe, note: { _ in }) {
            case .failure(let error):
                check.problem = check.problem ?? error.summary
            case .success(let response):
                check.isReachable = true
                let time = (ContinuousClock.now - start).components
                let milliseconds = Double(time.seconds) * 1e3 + Double(time.attoseconds) * 1e-15
                check.milliseconds = check.milliseconds ?? milliseconds
                take(service.finding(probe.id, response), into: &check, credential)
            }
        }
        return check
    }

    private func take(
        _ finding: ServiceFinding, into check: inout BackendCheck, _ credential: Credential?
    ) {
        func safe(_ text: String) -> String {
            printable(credential?.redacting(text) ?? text, limit: 300)
        }
        check.remainingCredits = check.remainingCredits ?? finding.credits
        check.notes += finding.notes.map(safe)
        if let problem = finding.problem, check.problem == nil { check.problem = safe(problem) }
        switch finding.acceptsKey {
        case true? where credential != nil && check.key == .unknown: check.key = .accepted
        case false? where credential != nil: check.key = .refused
        case false?: check.key = .missing
        default: break
        }
    }
}
