extension Scheduler {
    /// The calls that image-to-image makes: the last `int(steps * strength)` steps.
    ///
    /// The product is a double, cut towards zero as Python does: 50 steps at 0.58 are 28.
    /// - Parameters:
    ///   - strength: 0...1; 1 runs every call.
    ///   - steps: the number of steps the scheduler was made with.
    public func calls(strength: Double, steps: Int) -> Range<Int> {
        let kept = min(Int(Double(steps) * strength), steps)
        let first = min(max(steps - kept, 0) * order, timesteps.count)
        return first..<timesteps.count
    }

    /// The calls of the base model when a refiner takes over: those at or above the cut-off.
    ///
    /// - Parameter denoisingEnd: share of the schedule on the base, 0...1.
    public func calls(denoisingEnd: Double, trainTimesteps: Int = 1000) -> Range<Int> {
        let cutoff = Self.cutoff(denoisingEnd, trainTimesteps)
        return 0..<timesteps.count { Double($0) >= cutoff }
    }

    /// The calls of the refiner: those below the cut-off, and one more where that would begin in
    /// the middle of a two-call step.
    ///
    /// - Parameter denoisingStart: share of the schedule done by the base, 0...1.
    public func calls(denoisingStart: Double, trainTimesteps: Int = 1000) -> Range<Int> {
        let cutoff = Self.cutoff(denoisingStart, trainTimesteps)
        var kept = timesteps.count { Double($0) < cutoff }
        if order == 2, kept.isMultiple(of: 2) { kept += 1 }
        return max(timesteps.count - kept, 0)..<timesteps.count
    }

    private static func cutoff(_ share: Double, _ trainTimesteps: Int) -> Double {
        let total = Double(trainTimesteps)
        return (total - share * total).rounded(.toNearestOrEven)
    }
}
