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

/// Which member of a group is free, and which one rests.
final class MemberTurns: Sendable {
    private struct State {
        var free: [Int]
        var restingUntil: [ContinuousClock.Instant]
        var failures: [Int]
        var next = 0
    }
    private let state: Mutex<State>

    init(places: [Int]) {
        state = Mutex(
            State(
                free: places.map { max(1, $0) },
                restingUntil: places.map { _ in .now }, failures: places.map { _ in 0 }))
    }

    /// Waits for a free member of `able`, in turn; one that rests is asked only when its time is
    /// over.
    ///
    /// - Throws: `CancellationError`.
    func take(_ able: Set<Int>) async throws -> Int {
        while true {
            try Task.checkCancellation()
            if let index = tryTake(able) { return index }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func tryTake(_ able: Set<Int>) -> Int? {
        state.withLock { state in
            let now = ContinuousClock.now
            let count = state.free.count
            // Where all rest, the one that has rested longest is tried.
            let allRest = able.allSatisfy { state.restingUntil[$0] > now }
            let earliest = able.min { state.restingUntil[$0] < state.restingUntil[$1] }
            for offset in 0..<count {
                let index = (state.next + offset) % count
                guard able.contains(index), state.free[index] > 0 else { continue }
                guard state.restingUntil[index] <= now || allRest && index == earliest else {
                    continue
                }
                state.free[index] -= 1
                state.next = (index + 1) % count
                return index
            }
            return nil
        }
    }

    /// Ends a turn; `rest` is given after a failure of the member.
    func giveBack(_ index: Int, rest: Duration?) {
        state.withLock { state in
            state.free[index] += 1
            guard let rest else {
                state.failures[index] = 0
                return
            }
            state.failures[index] += 1
            let factor = 1 << min(state.failures[index] - 1, 6)
            state.restingUntil[index] = .now + rest * factor
        }
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
