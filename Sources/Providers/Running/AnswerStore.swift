import Foundation
import Synchronization

/// What a server said about itself a moment ago, so that each of many jobs does not ask again.
final class AnswerStore: Sendable {
    private struct Kept {
        let response: HTTPResponse
        let time: ContinuousClock.Instant
    }
    private static let mostAnswers = 64
    private static let mostBytes = 1 << 20
    private let kept = Mutex<[URL: Kept]>([:])

    /// The answer to a call if it is young enough.
    func answer(to call: RemoteCall) -> HTTPResponse? {
        guard call.freshness > .zero else { return nil }
        return kept.withLock { kept in
            guard let found = kept[call.request.url], .now - found.time < call.freshness else {
                return nil
            }
            return found.response
        }
    }

    /// Keeps an answer that may be taken again.
    func keep(_ response: HTTPResponse, to call: RemoteCall) {
        guard call.freshness > .zero, response.isSuccess, response.body.count <= Self.mostBytes
        else { return }
        kept.withLock { kept in
            if kept.count >= Self.mostAnswers { kept = [:] }
            kept[call.request.url] = Kept(response: response, time: .now)
        }
    }
}
