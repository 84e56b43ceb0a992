/// Which training timesteps a run visits (Lin et al. 2023, table 2), in doubles, highest first.
enum TimestepSpacing: String, Sendable {
    case linspace, leading, trailing

    /// The spacing of the solvers of k-diffusion and of DDIM's kind.
    ///
    /// - Parameters:
    ///   - steps: timesteps wanted; `trailing` gives one more for some counts, by rounding.
    ///   - train: training timesteps.
    ///   - offset: added to `leading`.
    func timesteps(steps: Int, train: Int, offset: Int) -> [Double] {
        switch self {
        case .linspace: return numPyLinspace(0, Double(train - 1), count: steps).reversed()
        case .leading:
            let ratio = train / steps
            return (0..<steps).reversed().map { Double($0 * ratio + offset) }
        case .trailing: return Self.descending(from: train, train: train, steps: steps)
        }
    }

    /// The spacing of the DPM-Solver family: one interval more, whose lower end is left out.
    ///
    /// - Parameter last: the number of timesteps whose signal is not clipped away.
    func solverTimesteps(steps: Int, train: Int, last: Int, offset: Int) -> [Double] {
        switch self {
        case .linspace:
            return numPyLinspace(0, Double(last - 1), count: steps + 1).dropFirst().reversed()
                .map { $0.rounded(.toNearestOrEven) }
        case .leading:
            let ratio = last / (steps + 1)
            return (1...steps).reversed().map { Double($0 * ratio + offset) }
        case .trailing: return Self.descending(from: last, train: train, steps: steps)
        }
    }

    /// `numpy.arange(first, 0, -train / steps).round() - 1`.
    private static func descending(from first: Int, train: Int, steps: Int) -> [Double] {
        let start = Double(first)
        let ratio = Double(train) / Double(steps)
        let count = Int(((0 - start) / -ratio).rounded(.up))
        let stride = (start - ratio) - start
        return (0..<count).map { (start + Double($0) * stride).rounded(.toNearestOrEven) - 1 }
    }
}

/// `numpy.linspace` in doubles.
func numPyLinspace(_ start: Double, _ end: Double, count: Int) -> [Double] {
    guard count > 1 else { return count == 1 ? [start] : [] }
    let step = (end - start) / Double(count - 1)
    return (0..<count).map { $0 == count - 1 ? end : Double($0) * step + start }
}
