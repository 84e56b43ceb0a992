import Generation

extension PixelImage {
    /// Outlines in white on black: Canny's detector with OpenCV's arithmetic (Sobel of size 3, the
    /// strongest channel of a pixel, the sum of both gradients' sizes as its strength).
    ///
    /// - Parameters:
    ///   - low: strength above which a pixel continues an outline.
    ///   - high: strength above which a pixel begins one.
    func cannyEdges(low: Int, high: Int) -> PixelImage {
        let marks = CannyEdges(self, low: low, high: high).marks
        return PixelImage(
            planes: GrayPlane(width: width, height: height, values: marks.map { $0 ? 255 : 0 }))
    }
}

/// One run of the detector.
private struct CannyEdges {
    private let width: Int
    private let height: Int
    private let low: Int
    private let high: Int
    /// Gradients of the strongest channel.
    private var across: [Int]
    private var down: [Int]
    /// Strengths with a border of one pixel of zeros.
    private var strengths: [Int]
    /// Whether a pixel lies on an outline.
    private(set) var marks: [Bool]

    init(_ picture: PixelImage, low: Int, high: Int) {
        (width, height) = (picture.width, picture.height)
        (self.low, self.high) = (low, high)
        let count = width * height
        across = [Int](repeating: 0, count: count)
        down = [Int](repeating: 0, count: count)
        strengths = [Int](repeating: 0, count: (width + 2) * (height + 2))
        marks = [Bool](repeating: false, count: count)
        picture.rgb.withUnsafeBufferPointer { measure($0) }
        trace()
    }

    /// Gradients and strengths of every pixel; pixels beyond the edge repeat it.
    private mutating func measure(_ rgb: UnsafeBufferPointer<UInt8>) {
        for y in 0..<height {
            let rows = [max(y - 1, 0), y, min(y + 1, height - 1)].map { $0 * width * 3 }
            for x in 0..<width {
                let (left, right) = (3 * max(x - 1, 0), 3 * min(x + 1, width - 1))
                let index = y * width + x
                for channel in 0..<3 {
                    func value(_ row: Int, _ column: Int) -> Int {
                        Int(rgb[rows[row] + column + channel])
                    }
                    let horizontal =
                        value(0, right) + 2 * value(1, right) + value(2, right)
                        - value(0, left) - 2 * value(1, left) - value(2, left)
                    let vertical =
                        value(2, left) + 2 * value(2, 3 * x) + value(2, right)
                        - value(0, left) - 2 * value(0, 3 * x) - value(0, right)
                    let strength = abs(horizontal) + abs(vertical)
                    let place = (y + 1) * (width + 2) + x + 1
                    if channel == 0 || strength > strengths[place] {
                        strengths[place] = strength
                        (across[index], down[index]) = (horizontal, vertical)
                    }
                }
            }
        }
    }

    /// Follows outlines from strong ridges over weak ones.
    private mutating func trace() {
        var isWeak = [Bool](repeating: false, count: marks.count)
        var stack: [Int] = []
        for index in marks.indices where isRidge(index) {
            if strengths[place(index)] > high {
                marks[index] = true
                stack.append(index)
            } else {
                isWeak[index] = true
            }
        }
        while let index = stack.popLast() {
            let (x, y) = (index % width, index / width)
            for row in max(y - 1, 0)...min(y + 1, height - 1) {
                for column in max(x - 1, 0)...min(x + 1, width - 1) {
                    let neighbour = row * width + column
                    guard isWeak[neighbour], !marks[neighbour] else { continue }
                    marks[neighbour] = true
                    stack.append(neighbour)
                }
            }
        }
    }

    private func place(_ index: Int) -> Int {
        (index / width + 1) * (width + 2) + index % width + 1
    }

    /// Whether a pixel is the strongest one across its outline. Directions are told apart at 22.5
    /// and 67.5 degrees in fixed point with 15 bits.
    private func isRidge(_ index: Int) -> Bool {
        let place = place(index)
        let strength = strengths[place]
        guard strength > low else { return false }
        let row = width + 2
        let horizontal = abs(across[index])
        let vertical = abs(down[index]) << 15
        let tangent = horizontal * 13573
        if vertical < tangent {
            return strength > strengths[place - 1] && strength >= strengths[place + 1]
        }
        if vertical > tangent + (horizontal << 16) {
            return strength > strengths[place - row] && strength >= strengths[place + row]
        }
        let side = (across[index] ^ down[index]) < 0 ? -1 : 1
        return strength > strengths[place - row - side] && strength > strengths[place + row + side]
    }
}
