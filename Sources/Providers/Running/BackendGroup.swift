import Foundation
import Generation
import Synchronization

/// Several backends behind one name: a job goes to the first that is free, a member that fails is
/// rested, and its job goes to another one only where it cannot be billed twice.
public struct BackendGroup: ImageGenerator {
    public let id: String
    private let members: [any ImageGenerator]
    private let turns: MemberTurns
    private let firstRest: Duration

    /// A group of at least one member.
    ///
    /// - Parameters:
    ///   - places: jobs that each member may run side by side.
    ///   - firstRest: how long a member rests after a failure; each further one doubles.
    public init(
        id: String, members: [any ImageGenerator], places: [Int],
        firstRest: Duration = .seconds(15)
    ) {
        self.id = id
        self.members = members
        self.firstRest = firstRest
        turns = MemberTurns(
            places: members.indices.map { places.indices.contains($0) ? places[$0] : 1 })
    }

    /// What every member can do.
    public func capabilities(for request: GenerationRequest) async throws -> GeneratorCapabilities {
        var common = try await members[0].capabilities(for: request)
        for member in members.dropFirst() {
            common = common.common(with: try await member.capabilities(for: request))
        }
        return common
    }

    public func defaults(for request: GenerationRequest) async throws -> RequestDefaults {
        try await members[0].defaults(for: request)
    }

    /// What every member finds wrong; a request that one of them takes has no problems.
    public func problems(with request: GenerationRequest) async throws -> [RequestProblem] {
        var first: [RequestProblem] = []
        for (index, member) in members.enumerated() {
            let problems = try await member.problems(with: named(request, member))
            if problems.isEmpty { return [] }
            if index == 0 { first = problems }
        }
        return first
    }

    public func settle() async {
        for member in members { await member.settle() }
    }

    public func generate(
        _ request: GenerationRequest, options: ExecutionOptions
    ) -> AsyncThrowingStream<GenerationEvent, any Error> {
        AsyncThrowingStream { output in
            let task = Task {
                do {
                    try await run(request, options) { output.yield($0) }
                    output.finish()
                } catch {
                    output.finish(throwing: error)
                }
            }
            output.onTermination = { _ in task.cancel() }
        }
    }

    private func named(
        _ request: GenerationRequest, _ member: any ImageGenerator
    ) -> GenerationRequest {
        var request = request
        request.backend = member.id
        return request
    }

    private func run(
        _ request: GenerationRequest, _ options: ExecutionOptions,
        report: (GenerationEvent) -> Void
    ) async throws {
        var able: Set<Int> = []
        for (index, member) in members.enumerated()
        where try await member.problems(with: named(request, member)).isEmpty {
            able.insert(index)
        }
        guard !able.isEmpty else {
            throw InvalidRequest(problems: try await problems(with: request))
        }
        while true {
            let index = try await turns.take(able)
            var isCommitted = false
            do {
                try await follow(members[index], request, options, report, &isCommitted)
                turns.giveBack(index, rest: nil)
                return
            } catch {
                let canMove = Self.canMove(after: error, isCommitted: isCommitted)
                turns.giveBack(index, rest: Self.isMembersFault(error) ? firstRest : nil)
                able.remove(index)
                guard canMove, !able.isEmpty else { throw error }
                let words = (error as? any UserFacingError)?.summary ?? "it failed"
                report(
                    .warning("\(members[index].id) is rested (\(words)); the job moves on"))
            }
        }
    }

    private func follow(
        _ member: any ImageGenerator, _ request: GenerationRequest, _ options: ExecutionOptions,
        _ report: (GenerationEvent) -> Void, _ isCommitted: inout Bool
    ) async throws {
        for try await event in member.generate(named(request, member), options: options) {
            switch event {
            case .accepted, .image: isCommitted = true
            default: break
            }
            report(event)
        }
        try Task.checkCancellation()
    }

    /// Whether another member may be asked: nothing was accepted, and nothing may have been billed.
    private static func canMove(after error: any Error, isCommitted: Bool) -> Bool {
        guard !isCommitted, let error = error as? RemoteError, !error.mayBeBilled else {
            return false
        }
        switch error.kind {
        case .key, .credits, .notFound, .limited, .connection, .service: return true
        case .refused, .failed, .stopped, .malformed, .untrustedAddress, .timedOut, .withheld:
            return false
        }
    }

    private static func isMembersFault(_ error: any Error) -> Bool {
        guard let error = error as? RemoteError else { return false }
        return ![.refused, .failed, .stopped, .withheld].contains(error.kind)
    }
}

extension GeneratorCapabilities {
    /// What two backends both can do.
    func common(with other: GeneratorCapabilities) -> GeneratorCapabilities {
        var common = self
        for field in RequestField.allCases where !other.support(for: field).isSupported {
            common.fields[field] = other.support(for: field)
        }
        common.maximumCount = min(maximumCount, other.maximumCount)
        common.reportsProgress = reportsProgress && other.reportsProgress
        common.sendsPreviews = sendsPreviews && other.sendsPreviews
        common.canCancel = canCancel && other.canCancel
        common.canResume = canResume && other.canResume
        common.takesWebhook = takesWebhook && other.takesWebhook
        common.reportsCredits = reportsCredits && other.reportsCredits
        if repeatability != other.repeatability {
            common.repeatability =
                [repeatability, other.repeatability].contains(.none) ? .none : .seeded
        }
        return common
    }
}
