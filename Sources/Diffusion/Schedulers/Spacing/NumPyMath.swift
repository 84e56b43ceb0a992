/// NumPy's vectorised float32 logarithm.
///
/// Timesteps of redistributed levels are cut to integers, so that the last bit of a logarithm can
/// decide between two of them; NumPy's differs from the C library's in one value of five.
enum NumPyMath {
    private static let numerator: [Float] = [
        2.589979117907922693523e-02, 3.808837741388407920751e-01, 1.480000633576506585156,
        2.112677543073053063722, 9.999999999999998702752e-01, 0,
    ]
    private static let denominator: [Float] = [
        5.875095403124574342950e-03, 1.546476374983906719538e-01, 9.864942958519418960339e-01,
        2.453006071784736363091, 2.612677543073109236779, 1,
    ]

    /// The natural logarithm: a rational approximation around 1 and the exponent.
    static func log(_ value: Float) -> Float {
        guard value > 0, value.isFinite else {
            return value == 0 ? -.infinity : value == .infinity ? value : .nan
        }
        var exponent = Float(value.exponent) + 1
        var x = value.significand * 0.5
        if x <= 0.707_106_781_186_547_524_4 {
            exponent -= 1
            x += x
        }
        x -= 1
        let ratio = horner(numerator, x) / horner(denominator, x)
        return ratio.addingProduct(exponent, 0.693_147_180_559_945_309_4)
    }

    private static func horner(_ coefficients: [Float], _ x: Float) -> Float {
        coefficients.dropFirst().reduce(coefficients[0]) { $1.addingProduct($0, x) }
    }
}
