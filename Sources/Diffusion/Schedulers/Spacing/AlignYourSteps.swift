import Foundation

/// The optimised noise levels of "Align Your Steps" (Sabour et al. 2024) for SDXL.
enum AlignYourSteps {
    /// Ten steps and the level after them.
    static let table: [Double] = [
        14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029,
    ]

    /// The levels of `steps` steps, highest first, without the last one (the solver's own end).
    ///
    /// Other counts than ten interpolate the table linearly in the logarithm, as NVIDIA's notebook
    /// and ComfyUI do.
    static func sigmas(steps: Int) -> [Double] {
        guard steps != table.count - 1 else { return Array(table.dropLast()) }
        let positions = numPyLinspace(0, 1, count: steps + 1)
        return positions.dropLast().map { position in
            let place = position * Double(table.count - 1)
            let low = min(Int(place), table.count - 2)
            let share = place - Double(low)
            return exp(log(table[low]) + share * (log(table[low + 1]) - log(table[low])))
        }
    }
}
