import Foundation

/// Sinusoidal embedding of a number, as diffusers' `get_timestep_embedding`.
struct Sinusoid {
    /// Number of values; odd widths end with a zero.
    let width: Int
    /// Whether cosines come first.
    let flipsSinToCos: Bool
    /// Subtracted from the number of frequencies in the exponent.
    let frequencyShift: Int

    /// The embedding of `value`, computed in f32 as the reference does.
    func callAsFunction(_ value: Float) -> [Float] {
        let half = width / 2
        let angles = (0..<half).map { index -> Float in
            let exponent = -Float(log(10000.0)) * Float(index) / Float(half - frequencyShift)
            return value * exp(exponent)
        }
        let (sines, cosines) = (angles.map { sin($0) }, angles.map { cos($0) })
        let padding = width % 2 == 1 ? [Float(0)] : []
        return (flipsSinToCos ? cosines + sines : sines + cosines) + padding
    }
}
