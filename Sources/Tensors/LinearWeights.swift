import CKernels

/// The weights of a linear layer, prepared for one precision.
public final class LinearWeights: Sendable {
    public let inputs: Int
    /// Outputs of the layer; of a gated layer, half the rows of its stored weight.
    public let outputs: Int
    /// True when the layer computes value * gelu(gate) from the two halves of its rows.
    public let isGated: Bool
    let product: PreparedProduct
    let precision: Precision
    let bias: FloatVector?

    /// Bytes of the prepared weights.
    public var byteCount: Int { product.byteCount }

    /// Prepares a stored weight [outputs, inputs] and bias [outputs].
    public convenience init(
        _ weight: StoredTensor, bias: StoredTensor? = nil, gated: Bool = false,
        in compute: Compute
    ) throws {
        try self.init(parts: [(weight, bias)], gated: gated, compute: compute)
    }

    /// Prepares several layers of the same input as one whose outputs follow each other, e.g.
    /// queries, keys and values.
    public convenience init(
        concatenating parts: [(weight: StoredTensor, bias: StoredTensor?)], in compute: Compute
    ) throws {
        try self.init(parts: parts, gated: false, compute: compute)
    }

    private init(
        parts: [(weight: StoredTensor, bias: StoredTensor?)], gated: Bool, compute: Compute
    ) throws {
        guard let inputs = parts.first?.weight.shape.dropFirst().reduce(1, *),
            parts.allSatisfy({
                $0.weight.shape.count >= 2 && $0.weight.shape.dropFirst().reduce(1, *) == inputs
                    && ($0.bias == nil || $0.bias?.count == $0.weight.shape[0])
            })
        else {
            throw TensorError.shapeMismatch(
                operation: "linear weights", detail: "\(parts.map(\.weight.shape))")
        }
        let rows = parts.map { $0.weight.shape[0] }.reduce(0, +)
        guard !gated || (rows % 2 == 0 && parts.count == 1) else {
            throw TensorError.shapeMismatch(operation: "gated weights", detail: "\(rows) rows")
        }
        self.inputs = inputs
        precision = compute.precision
        isGated = gated
        outputs = gated ? rows / 2 : rows
        let hasBias = parts.contains { $0.bias != nil }
        let flat = parts.flatMap { part in
            part.bias?.floats() ?? [Float](repeating: 0, count: part.weight.shape[0])
        }
        if compute.options.products == .oneDNN,
            let product = try compute.oneDNNProduct(parts.map(\.weight), hasBias: hasBias)
        {
            self.product = .oneDNN(product)
            bias = hasBias ? FloatVector(flat) : nil
            return
        }
        let columns = gated ? 2 * ((outputs + 15) / 16 * 16) : rows
        product = .kernels(
            try compute.packed(parts.map(\.weight), columns: columns, taps: 1, gated: gated))
        var ordered = [Float](repeating: 0, count: columns)
        for (row, value) in flat.enumerated() {
            ordered[gated ? ck_interleaved_column(row, rows) : row] = value
        }
        bias = hasBias ? FloatVector(ordered) : nil
    }
}

extension Compute {
    /// Packs stored weights whose outputs follow each other as one matrix of `columns`.
    func packed(
        _ parts: [StoredTensor], columns: Int, taps: Int, gated: Bool = false
    ) throws -> PackedMatrix {
        let inputs = (parts.first?.shape.dropFirst().reduce(1, *) ?? 0) / taps
        let packed = try PackedMatrix(
            precision: precision, outputs: columns, inputs: inputs, taps: taps)
        var first = 0
        for part in parts {
            try pack(
                part, into: packed, columns: columns, first: first, inputs: inputs, taps: taps,
                gated: gated)
            first += part.shape[0]
        }
        return packed
    }

    /// Packs one stored weight into columns `first`... of a matrix of `columns`.
    private func pack(
        _ weight: StoredTensor, into packed: PackedMatrix, columns: Int, first: Int, inputs: Int,
        taps: Int, gated: Bool = false
    ) throws {
        var work = ck_pack()
        work.source = weight.pointer
        work.source_type = weight.elementType.code
        work.outputs = columns
        work.first_output = first
        work.source_outputs = weight.shape[0]
        work.inputs = inputs
        work.taps = taps
        work.packed = packed.pointer
        work.type = packed.precision.code
        work.interleaved = gated ? 1 : 0
        try run(.prepare) { ck_pack_weights(pool, level.code, &work) }
    }
}
