import Tensors

/// Time and arithmetic between the UNet's blocks.
final class BlockMeter {
    private let compute: Compute
    private var order: [String] = []
    private var totals: [String: (seconds: Double, operations: Double)] = [:]
    private var last = ContinuousClock.now
    private var operations = 0.0

    init(_ compute: Compute) {
        self.compute = compute
    }

    /// Forgets everything.
    func reset() {
        order = []
        totals = [:]
    }

    /// A call of the network begins.
    func begin() {
        last = .now
        operations = compute.profile.operations
    }

    /// The part called `name` is done.
    func finish(_ name: String) {
        let now = ContinuousClock.now
        if totals[name] == nil { order.append(name) }
        let known = totals[name] ?? (0, 0)
        totals[name] = (
            known.seconds + (now - last).inSeconds,
            known.operations + compute.profile.operations - operations
        )
        last = now
        operations = compute.profile.operations
    }

    /// The means of a number of calls.
    func blocks(repeats: Int, peak: Double) -> [EngineBenchmark.Block] {
        order.compactMap { name in
            guard let total = totals[name] else { return nil }
            let rate = total.operations / max(total.seconds, 1e-9) / 1e9
            return EngineBenchmark.Block(
                name: name, seconds: total.seconds / Double(max(1, repeats)), gflops: rate,
                shareOfPeak: rate / max(peak, 1e-9))
        }
    }
}
