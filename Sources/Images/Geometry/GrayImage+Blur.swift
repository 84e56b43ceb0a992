extension GrayImage {
    /// Pillow's `GaussianBlur`: three box blurs of a fractional radius along each axis
    /// (`src/libImaging/BoxBlur.c`), edges drawn out.
    ///
    /// - Parameter radius: the deviation in pixels; 0 changes nothing.
    public func blurred(radius: Double) -> GrayImage {
        guard radius > 0 else { return self }
        let box = BoxBlur(deviation: radius)
        var result = self
        var line = [UInt8](repeating: 0, count: max(width, height))
        for y in 0..<height {
            for x in 0..<width { line[x] = values[y * width + x] }
            box.apply(to: &line, count: width)
            for x in 0..<width { result.values[y * width + x] = line[x] }
        }
        for x in 0..<width {
            for y in 0..<height { line[y] = result.values[y * width + x] }
            box.apply(to: &line, count: height)
            for y in 0..<height { result.values[y * width + x] = line[y] }
        }
        return result
    }

    /// A box whose ends count by a fraction, in 24-bit fixed point.
    private struct BoxBlur {
        private static let passes = 3
        private let radius: Int
        /// Weight of a whole element, and of the two fractional ones.
        private let (whole, edge): (UInt32, UInt32)

        init(deviation: Double) {
            let sigma2 = Float(deviation * deviation) / Float(Self.passes)
            let length = (12 * Double(sigma2) + 1).squareRoot()
            let inner = Float(((length - 1) / 2).rounded(.down))
            let share =
                (2 * inner + 1) * (inner * (inner + 1) - 3 * sigma2)
                / (6 * (sigma2 - (inner + 1) * (inner + 1)))
            let size = inner + share
            radius = Int(size)
            let whole = UInt32(Float(1 << 24) / (size * 2 + 1))
            self.whole = whole
            edge = (UInt32(1 << 24) - UInt32(radius * 2 + 1) * whole) / 2
        }

        func apply(to line: inout [UInt8], count: Int) {
            for _ in 0..<Self.passes { pass(&line, count) }
        }

        private func pass(_ line: inout [UInt8], _ count: Int) {
            let source = line
            func value(_ index: Int) -> UInt32 { UInt32(source[min(max(index, 0), count - 1)]) }
            var sum = (-radius...radius).reduce(UInt32(0)) { $0 + value($1) }
            for x in 0..<count {
                let far = value(x - radius - 1) + value(x + radius + 1)
                line[x] = UInt8((sum &* whole &+ far &* edge &+ (1 << 23)) >> 24)
                sum = sum + value(x + radius + 1) - value(x - radius)
            }
        }
    }
}
