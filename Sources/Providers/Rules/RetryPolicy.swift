import Foundation

/// When and how soon a call is repeated: pure arithmetic, the clock and the dice come from outside.
public struct RetryPolicy: Hashable, Sendable {
    /// Attempts in all, the first included.
    public var attempts: Int
    /// The first pause; each further one doubles.
    public var firstPause: Duration
    /// The longest pause of our own.
    public var longestPause: Duration
    /// The longest pause that a server may ask for; when it asks for more, the call fails.
    public var longestAdvice: Duration

    /// Four attempts, 0.5 s doubling to 10 s, advice up to 60 s.
    public init(
        attempts: Int = 4, firstPause: Duration = .milliseconds(500),
        longestPause: Duration = .seconds(10), longestAdvice: Duration = .seconds(60)
    ) {
        self.attempts = attempts
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.longestAdvice = longestAdvice
    }

    /// How an attempt ended.
    public enum Outcome: Hashable, Sendable {
        case response(HTTPResponse)
        case failure(TransportError)
    }

    /// The pause before the next attempt; nil when there is none.
    ///
    /// - Parameters:
    ///   - attempt: how many were made, from 1.
    ///   - now: the time, for dates in `Retry-After`.
    ///   - jitter: 0..<1; up to a quarter of our own pause is taken off.
    public func pause(
        after outcome: Outcome, of repetition: RemoteCall.Repetition, attempt: Int, now: Date,
        jitter: Double
    ) -> Duration? {
        guard attempt < attempts, repetition != .never else { return nil }
        switch outcome {
        case .failure(let error):
            guard mayRepeat(error, repetition) else { return nil }
            return ownPause(attempt, jitter)
        case .response(let response):
            let advice = Self.advice(response.headers, now: now)
            guard mayRepeat(response.status, hasAdvice: advice != nil, repetition) else {
                return nil
            }
            guard let advice else { return ownPause(attempt, jitter) }
            return advice <= longestAdvice ? advice : nil
        }
    }

    private func mayRepeat(_ error: TransportError, _ repetition: RemoteCall.Repetition) -> Bool {
        switch error.reason {
        case .unreachable: true
        case .interrupted, .timedOut: repetition == .safe || !error.mayHaveArrived
        case .insecure, .tooLarge, .malformed, .unreadableFile: false
        }
    }

    private func mayRepeat(
        _ status: Int, hasAdvice: Bool, _ repetition: RemoteCall.Repetition
    ) -> Bool {
        switch status {
        case 429: true
        case 503: repetition == .safe || hasAdvice
        case 408, 500, 502, 504: repetition == .safe
        default: false
        }
    }

    private func ownPause(_ attempt: Int, _ jitter: Double) -> Duration {
        let doubled = firstPause * (1 << min(attempt - 1, 20))
        return min(doubled, longestPause) * (1 - 0.25 * min(max(jitter, 0), 1))
    }

    /// What the server asks for: `retry-after-ms`, then `Retry-After` in seconds or as a date.
    public static func advice(_ headers: HTTPHeaders, now: Date) -> Duration? {
        if let text = headers["retry-after-ms"], let number = Double(text), number >= 0,
            number < 1e12
        {
            return .milliseconds(Int(number.rounded(.up)))
        }
        guard let text = headers["Retry-After"]?.trimmingCharacters(in: .whitespaces) else {
            return nil
        }
        if let seconds = Double(text), seconds >= 0, seconds < 1e9 {
            return .milliseconds(Int((seconds * 1000).rounded(.up)))
        }
        guard let date = HTTPDate.read(text) else { return nil }
        return .milliseconds(Int((max(0, date.timeIntervalSince(now)) * 1000).rounded(.up)))
    }
}

/// Dates of HTTP (RFC 9110, 5.6.7): IMF-fixdate and the two obsolete forms.
enum HTTPDate {
    static func read(_ text: String) -> Date? {
        for format in [
            "EEE, dd MMM yyyy HH:mm:ss zzz", "EEEE, dd-MMM-yy HH:mm:ss zzz",
            "EEE MMM d HH:mm:ss yyyy",
        ] {
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(secondsFromGMT: 0)
            formatter.dateFormat = format
            if let date = formatter.date(from: text) { return date }
        }
        return nil
    }
}
