import CKernels

/// What becomes of stored weights before a product is prepared from them.
public enum WeightChange: Sendable {
    /// A product of low rank is added, on the way into the product's layout.
    case lowRank(LowRankChange)
    /// Other weights of the same shape take their place.
    case replaced(StoredTensor)
}

/// A change of weights [outputs, ...], up * down; everything behind the first dimension is one row.
public struct LowRankChange: Sendable {
    /// [outputs, rank], row by row.
    let up: [Float]
    /// [rank, row], row by row.
    let down: [Float]

    public init(up: [Float], down: [Float]) {
        self.up = up
        self.down = down
    }

    /// Throws ``TensorError/shapeMismatch(operation:detail:)`` where the factors do not fit weights
    /// of `shape`.
    func check(against shape: [Int]) throws(TensorError) {
        let rows = shape.first ?? 0
        let columns = shape.dropFirst().reduce(1, *)
        guard rows > 0, columns > 0, !up.isEmpty, up.count % rows == 0,
            up.count / rows * columns == down.count
        else {
            throw .shapeMismatch(
                operation: "merging", detail: "\(shape), \(up.count), \(down.count)")
        }
    }

    /// The change as the kernels take it, for the time of `body`.
    func withKernelChange<Result>(
        rows: Int, _ body: (ck_low_rank) throws -> Result
    ) rethrows -> Result {
        try up.withUnsafeBufferPointer { up in
            try down.withUnsafeBufferPointer { down in
                try body(
                    ck_low_rank(
                        up: up.baseAddress, down: down.baseAddress, rank: up.count / rows))
            }
        }
    }
}
