/// Measures consecutive parts of a run.
final class Stopwatch {
    private var last = ContinuousClock.now

    /// Seconds since the previous lap or the start.
    func lap() -> Double {
        let now = ContinuousClock.now
        defer { last = now }
        return (now - last).inSeconds
    }
}
