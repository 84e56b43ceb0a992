import Foundation
import Generation
import Providers
import Testing

@Suite struct RetryPolicyTests {
    private let policy = RetryPolicy()
    private let now = Date(timeIntervalSince1970: 1_445_412_480)

    private func pause(
        _ status: Int, _ headers: [(String, String)] = [],
        _ repetition: RemoteCall.Repetition = .safe, attempt: Int = 1, jitter: Double = 0
    ) -> Duration? {
        policy.pause(
            after: .response(HTTPResponse(status: status, headers: HTTPHeaders(headers))),
            of: repetition, attempt: attempt, now: now, jitter: jitter)
    }

    @Test func ownPausesDoubleUpToALimitLessSomeJitter() {
        #expect(pause(500) == .milliseconds(500))
        #expect(pause(500, attempt: 2) == .milliseconds(1000))
        #expect(pause(500, attempt: 3) == .milliseconds(2000))
        #expect(pause(500, attempt: 4) == nil)
        #expect(pause(500, jitter: 1) == .milliseconds(375))
        let long = RetryPolicy(attempts: 99)
        #expect(
            long.pause(
                after: .response(HTTPResponse(status: 500)), of: .safe, attempt: 50, now: now,
                jitter: 0) == .seconds(10))
    }

    @Test(
        arguments: [
            ("retry-after-ms", "250", Duration.milliseconds(250)),
            ("Retry-After", "3", .seconds(3)), ("Retry-After", "0.5", .milliseconds(500)),
            ("Retry-After", "Wed, 21 Oct 2015 07:28:20 GMT", .seconds(20)),
            ("Retry-After", "Wednesday, 21-Oct-15 07:28:20 GMT", .seconds(20)),
            ("Retry-After", "Wed Oct 21 07:28:20 2015", .seconds(20)),
            ("Retry-After", "Wed, 21 Oct 2015 07:00:00 GMT", .zero),
            ("Retry-After", "soon", .milliseconds(500)),
        ])
    func adviceIsObeyedInEveryForm(name: String, value: String, expected: Duration) {
        #expect(pause(429, [(name, value)]) == expected)
    }

    @Test func adviceBeyondPatienceEndsTheCall() {
        #expect(pause(429, [("Retry-After", "3600")]) == nil)
    }

    @Test func milliseconsComeBeforeSeconds() {
        #expect(
            pause(429, [("Retry-After", "9"), ("retry-after-ms", "20")]) == .milliseconds(20))
    }

    @Test(arguments: [400, 401, 402, 403, 404, 406, 409, 410, 412, 422, 501])
    func refusalsAreNotRepeated(status: Int) {
        #expect(pause(status) == nil)
    }

    @Test func paidWorkIsRepeatedOnlyWhereItCannotHaveBegun() {
        #expect(pause(500, [], .billed) == nil)
        #expect(pause(502, [], .billed) == nil)
        #expect(pause(503, [], .billed) == nil)
        #expect(pause(503, [("Retry-After", "1")], .billed) == .seconds(1))
        #expect(pause(429, [], .billed) == .milliseconds(500))
        func after(_ reason: TransportError.Reason, _ arrived: Bool) -> Duration? {
            policy.pause(
                after: .failure(TransportError(reason, mayHaveArrived: arrived)), of: .billed,
                attempt: 1, now: now, jitter: 0)
        }
        #expect(after(.unreachable, false) != nil)
        #expect(after(.interrupted, true) == nil)
        #expect(after(.timedOut, true) == nil)
    }
}
