/// The Box-Muller transform of ATen's AVX2 `normal_fill`, bit for bit.
///
/// ATen's kernel takes logarithm, sine and cosine from the Cephes polynomials in float32 and is
/// compiled with contraction, so each step below names whether it is fused; another order or the C
/// library's functions differ in the last bits of one value in six.
enum TorchNormal {
    /// 2 pi to the nearest float (`Float.pi` is rounded towards zero).
    private static let turn: Float = 6.283_185_307_179_586

    /// Turns 16 uniform values in [0, 1) into 16 unit normal ones: the first 8 give the radii.
    static func transform16(_ values: inout UnsafeMutableBufferPointer<Float>, at start: Int) {
        for index in start..<start + 8 {
            let radius = (-2 * logarithm(1 - values[index])).squareRoot()
            let (sine, cosine) = sineAndCosine(turn * values[index + 8])
            values[index] = radius * cosine
            values[index + 8] = radius * sine
        }
    }

    /// Cephes `logf` for a positive normal number.
    static func logarithm(_ value: Float) -> Float {
        let bits = value.bitPattern
        var exponent = Float(Int32(bits >> 23) - 0x7e)
        var x = Float(bitPattern: (bits & 0x807f_ffff) | 0x3f00_0000)
        if x < 0.707_106_781_186_547_524 {
            exponent -= 1
            x = (x - 1) + x
        } else {
            x -= 1
        }
        let square = x * x
        var y = horner(
            x,
            (
                7.037_683_629_2e-2, -1.151_461_031_0e-1, 1.167_699_874_0e-1, -1.242_014_084_6e-1,
                1.424_932_278_7e-1, -1.666_805_766_5e-1, 2.000_071_476_5e-1, -2.499_999_399_3e-1,
                3.333_333_117_4e-1
            ))
        y *= x
        y = fused(y, square, exponent * -2.121_944_40e-4)
        y = fused(-square, 0.5, y)
        return fused(exponent, 0.693_359_375, x + y)
    }

    /// Cephes `sinf` and `cosf` for an angle in [0, 2 pi).
    static func sineAndCosine(_ angle: Float) -> (sine: Float, cosine: Float) {
        let octant = (Int32(angle * 1.273_239_544_735_16) + 1) & ~1
        let quarter = Float(octant)
        var x = fused(quarter, -0.785_156_25, angle)
        x = fused(quarter, -2.418_756_484_985_351_562_5e-4, x)
        x = fused(quarter, -3.774_894_977_445_941_08e-8, x)
        let square = x * x

        var even: Float = 2.443_315_711_809_948e-5
        even = fused(even, square, -1.388_731_625_493_765e-3)
        even = fused(even, square, 4.166_664_568_298_827e-2)
        even = fused(even * square, square, -(square * 0.5)) + 1

        var odd: Float = -1.951_529_589_1e-4
        odd = fused(odd, square, 8.332_160_873_6e-3)
        odd = fused(odd, square, -1.666_665_461_1e-1)
        odd = fused(odd * square, x, x)

        let swapped = octant & 2 != 0
        let sine = swapped ? even : odd
        let cosine = swapped ? odd : even
        return (octant & 4 != 0 ? -sine : sine, (octant - 2) & 4 == 0 ? -cosine : cosine)
    }

    private typealias NineCoefficients = (
        Float, Float, Float, Float, Float, Float, Float, Float, Float
    )

    private static func horner(_ x: Float, _ c: NineCoefficients) -> Float {
        var y = fused(c.0, x, c.1)
        y = fused(y, x, c.2)
        y = fused(y, x, c.3)
        y = fused(y, x, c.4)
        y = fused(y, x, c.5)
        y = fused(y, x, c.6)
        y = fused(y, x, c.7)
        return fused(y, x, c.8)
    }

    /// `a * b + c` with one rounding.
    @inline(__always)
    private static func fused(_ a: Float, _ b: Float, _ c: Float) -> Float {
        c.addingProduct(a, b)
    }
}
