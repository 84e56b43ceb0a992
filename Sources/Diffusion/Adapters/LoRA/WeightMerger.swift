import Tensors

/// Adds patches to a stored weight.
struct WeightMerger {
    let compute: Compute

    /// The weight with every patch relative to the weight as stored, as peft's layers add them up
    /// at run time.
    ///
    /// - Throws: ``AdapterError/notFinite(file:module:)``.
    func merged(_ base: StoredTensor, _ patches: [WeightPatch]) throws -> StoredTensor {
        switch try change(of: base, patches) {
        case .lowRank(let change): try compute.merged(base, change)
        case .replaced(let weights): weights
        }
    }

    /// What the patches do to the weight, which is added up only where no product of low rank says
    /// it.
    ///
    /// - Throws: ``AdapterError/notFinite(file:module:)``.
    func change(of base: StoredTensor, _ patches: [WeightPatch]) throws -> WeightChange {
        if let change = try lowRankChange(patches, of: base) { return .lowRank(change) }
        let original = try compute.floats(of: base)
        var result = original
        for patch in patches {
            let change = try self.change(patch.delta, patch.strength, original, base.shape)
            guard Self.isFinite(change) else { throw patch.notFinite }
            for index in result.indices { result[index] += change[index] }
        }
        return .replaced(StoredTensor(floats: result, shape: base.shape))
    }

    /// All patches as one product, when each is of low rank: side by side, the strengths in the
    /// larger factor.
    private func lowRankChange(
        _ patches: [WeightPatch], of base: StoredTensor
    ) throws -> LowRankChange? {
        let rows = base.shape.first ?? 1
        var (ups, downs): ([(values: [Float], rank: Int)], [Float]) = ([], [])
        for patch in patches {
            guard case .lowRank(let up, let down, nil, let scale) = patch.delta else { return nil }
            let factor = scale * patch.strength
            let values = try floats(up).map { $0 * factor }
            let right = try floats(down)
            guard Self.isFinite(values), Self.isFinite(right) else {
                throw patch.notFinite
            }
            ups.append((values, up.count / rows))
            downs += right
        }
        guard ups.count > 1 else {
            return ups.first.map { LowRankChange(up: $0.values, down: downs) }
        }
        let rank = ups.reduce(0) { $0 + $1.rank }
        var joined = [Float](repeating: 0, count: rows * rank)
        var first = 0
        for up in ups {
            for row in 0..<rows {
                for column in 0..<up.rank {
                    joined[row * rank + first + column] = up.values[row * up.rank + column]
                }
            }
            first += up.rank
        }
        return LowRankChange(up: joined, down: downs)
    }

    /// What a patch adds to a weight, element by element.
    private func change(
        _ delta: WeightDelta, _ strength: Float, _ base: [Float], _ shape: [Int]
    ) throws -> [Float] {
        switch delta {
        case .decomposed(let inner, let magnitude, let isInput, .inner):
            let change = try plain(inner, base, shape).map { $0 * strength }
            return try decompose(base, change, magnitude, isInput: isInput, shape)
        case .decomposed(let inner, let magnitude, let isInput, .outer):
            let change = try plain(inner, base, shape)
            return try decompose(base, change, magnitude, isInput: isInput, shape)
                .map { $0 * strength }
        default:
            return try plain(delta, base, shape).map { $0 * strength }
        }
    }

    /// The change at strength 1, without DoRA.
    private func plain(
        _ delta: WeightDelta, _ base: [Float], _ shape: [Int]
    ) throws -> [Float] {
        let rows = shape.first ?? 1
        let columns = base.count / max(1, rows)
        switch delta {
        case .lowRank(let up, let down, let core, let scale):
            return try lowRank(up, down, core, rows: rows, columns: columns).map { $0 * scale }
        case .hadamard(let first, let second, let scale):
            let one = try hadamard(first, rows, columns)
            let two = try hadamard(second, rows, columns)
            return zip(one, two).map { $0 * $1 * scale }
        case .kronecker(let first, let second, let scale):
            return try kronecker(first, second).map { $0 * scale }
        case .difference(let values):
            return try floats(values)
        case .channelScale(let factors, let isInput, let offset):
            let window = shape.dropFirst(2).reduce(1, *)
            let scale = try floats(factors)
            return base.indices.map { index in
                let channel = isInput ? index % columns / window : index / columns
                return base[index] * (scale[channel] - offset)
            }
        case .generalized(let weightDown, let weightUp, let down, let up, let scale):
            // W (a1 a2) + b1 b2: a1 is [inputs, r], a2 is [r, inputs].
            let window = shape.dropFirst(2).reduce(1, *)
            let places = rows * window
            let inner = try product(
                windowFirst(base, rows: rows, window: window), try floats(weightUp), rows: places)
            let mixed = windowLast(
                try product(inner, try floats(weightDown), rows: places), rows: rows,
                window: window)
            let added = try product(try floats(up), try floats(down), rows: rows)
            return zip(mixed, added).map { ($0 + $1) * scale }
        case .decomposed(let inner, _, _, _):
            return try plain(inner, base, shape)
        }
    }

    private func lowRank(
        _ up: StoredTensor, _ down: StoredTensor, _ core: StoredTensor?, rows: Int, columns: Int
    ) throws -> [Float] {
        guard let core else {
            return try product(try floats(up), try floats(down), rows: rows)
        }
        // up [outputs, r], core [r, s, window], down [s, inputs].
        return try tucker(
            try floats(up), core: core, try floats(down), rows: rows, columns: columns)
    }

    /// up [outputs, r] times core [r, s, window] times down [s, inputs].
    private func tucker(
        _ up: [Float], core: StoredTensor, _ down: [Float], rows: Int, columns: Int
    ) throws -> [Float] {
        let (r, s) = (core.shape[0], core.shape[1])
        let window = core.shape.dropFirst(2).reduce(1, *)
        let inputs = columns / window
        let values = try floats(core)
        // [r, window, s] times [s, inputs], then reordered to [r, inputs, window].
        var reordered = [Float](repeating: 0, count: values.count)
        for i in 0..<r {
            for j in 0..<s {
                for k in 0..<window {
                    reordered[(i * window + k) * s + j] = values[(i * s + j) * window + k]
                }
            }
        }
        let inner = try product(reordered, down, rows: r * window)
        var rowsOfInner = [Float](repeating: 0, count: inner.count)
        for i in 0..<r {
            for k in 0..<window {
                for n in 0..<inputs {
                    rowsOfInner[(i * inputs + n) * window + k] =
                        inner[(i * window + k) * inputs + n]
                }
            }
        }
        return try product(up, rowsOfInner, rows: rows)
    }

    /// [rows, inputs, window] as [rows, window, inputs].
    private func windowFirst(_ values: [Float], rows: Int, window: Int) -> [Float] {
        let columns = values.count / max(1, rows)
        guard window > 1 else { return values }
        return (0..<rows).flatMap { row in
            transposed(
                Array(values[(row * columns)..<((row + 1) * columns)]), rows: columns / window)
        }
    }

    /// [rows, window, inputs] as [rows, inputs, window].
    private func windowLast(_ values: [Float], rows: Int, window: Int) -> [Float] {
        let columns = values.count / max(1, rows)
        guard window > 1 else { return values }
        return (0..<rows).flatMap { row in
            transposed(Array(values[(row * columns)..<((row + 1) * columns)]), rows: window)
        }
    }

    private func hadamard(_ factor: HadamardFactor, _ rows: Int, _ columns: Int) throws -> [Float] {
        guard let core = factor.core else {
            return try product(try floats(factor.a), try floats(factor.b), rows: rows)
        }
        // Here a is stored [r, outputs].
        let a = transposed(try floats(factor.a), rows: core.shape[0])
        return try tucker(a, core: core, try floats(factor.b), rows: rows, columns: columns)
    }

    private func kronecker(
        _ first: KroneckerFactor, _ second: KroneckerFactor
    ) throws -> [Float] {
        let (a, aShape) = try matrix(first)
        let (b, bShape) = try matrix(second)
        let window = bShape.dropFirst(2).reduce(1, *)
        let (outer, inner) = (aShape[1], bShape[1])
        let columns = outer * inner * window
        var result = [Float](repeating: 0, count: a.count * b.count)
        for i in 0..<aShape[0] {
            for j in 0..<outer {
                let factor = a[i * outer + j]
                for k in 0..<bShape[0] {
                    let row = (i * bShape[0] + k) * columns + j * inner * window
                    let from = k * inner * window
                    for l in 0..<(inner * window) { result[row + l] = factor * b[from + l] }
                }
            }
        }
        return result
    }

    private func matrix(_ factor: KroneckerFactor) throws -> ([Float], [Int]) {
        switch factor {
        case .whole(let values):
            return (try floats(values), values.shape)
        case .product(let a, let b, nil):
            let values = try product(try floats(a), try floats(b), rows: a.shape[0])
            return (values, [a.shape[0]] + b.shape.dropFirst())
        case .product(let a, let b, let core?):
            // a [r, outputs], core [r, r, window], b [r, inputs].
            let (outputs, inputs) = (a.shape[1], b.shape[1])
            let window = Array(core.shape.dropFirst(2))
            let values = try tucker(
                transposed(try floats(a), rows: a.shape[0]), core: core, try floats(b),
                rows: outputs, columns: inputs * window.reduce(1, *))
            return (values, [outputs, inputs] + window)
        }
    }

    /// The direction of base + change with lengths `magnitude`, minus base.
    private func decompose(
        _ base: [Float], _ change: [Float], _ magnitude: StoredTensor, isInput: Bool,
        _ shape: [Int]
    ) throws -> [Float] {
        let rows = shape.first ?? 1
        let columns = base.count / max(1, rows)
        let window = shape.dropFirst(2).reduce(1, *)
        let lengths = try floats(magnitude)
        func channel(_ index: Int) -> Int { isInput ? index % columns / window : index / columns }
        let total = zip(base, change).map { $0 + $1 }
        var squares = [Double](repeating: 0, count: isInput ? columns / window : rows)
        for index in total.indices {
            squares[channel(index)] += Double(total[index]) * Double(total[index])
        }
        let factors = zip(lengths, squares).map { $0 / max(Float($1.squareRoot()), 1e-30) }
        return total.indices.map { total[$0] * factors[channel($0)] - base[$0] }
    }

    /// a [rows, rank] times b [rank, columns].
    private func product(_ a: [Float], _ b: [Float], rows: Int) throws -> [Float] {
        let rank = a.count / max(1, rows)
        let columns = b.count / max(1, rank)
        let zeros = StoredTensor(
            floats: [Float](repeating: 0, count: rows * columns), shape: [rows, columns])
        return try compute.floats(
            of: try compute.merged(zeros, LowRankChange(up: a, down: b), as: .float32))
    }

    private func transposed(_ values: [Float], rows: Int) -> [Float] {
        let columns = values.count / max(1, rows)
        var result = [Float](repeating: 0, count: values.count)
        for row in 0..<rows {
            for column in 0..<columns {
                result[column * rows + row] = values[row * columns + column]
            }
        }
        return result
    }

    private func floats(_ tensor: StoredTensor) throws -> [Float] {
        try compute.floats(of: tensor)
    }

    /// Zero times anything but a number is no number.
    private static func isFinite(_ values: [Float]) -> Bool {
        var sum: Float = 0
        for value in values { sum += value * 0 }
        return !sum.isNaN
    }
}

extension WeightPatch {
    /// Its numbers are none.
    fileprivate var notFinite: AdapterError { .notFinite(file: file, module: module) }
}
