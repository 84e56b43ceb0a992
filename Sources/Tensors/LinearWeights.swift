import CKernels

/// The weights of a linear layer, prepared for one precision.
public final class LinearWeights: PreparedWeights {
    public let inputs: Int
    /// Outputs of the layer; of a gated layer, half the rows of its stored weight.
    public let outputs: Int
    /// True when the layer computes value * gelu(gate) from the two halves of its rows.
    public let isGated: Bool
    let product: ProductWeights
    let precision: Precision
    /// In the order of the packed columns, and of the stored rows.
    let bias: FloatVector?
    let plainBias: FloatVector?

    public var byteCount: Int { product.byteCount }

    public func drop() -> Int { product.drop() }

    public func giveUp() -> PackedMemory? { product.giveUp() }

    /// Prepares a stored weight [outputs, inputs] and bias [outputs].
    ///
    /// `quantized` holds the weights as int8 with a scale per output and rounds each row of the
    /// input to int8 with a scale of its own; worth it where `Compute.hasInt8` is true.
    /// `spare` is the memory of weights whose place these take.
    public convenience init(
        _ weight: StoredTensor, bias: StoredTensor? = nil, gated: Bool = false,
        quantized: Bool = false, residence: WeightResidence = .prepared,
        over spare: PackedMemory? = nil, in compute: Compute
    ) throws {
        try self.init(
            parts: [(weight, bias)], gated: gated, quantized: quantized, residence, spare,
            compute)
    }

    /// Prepares several layers of the same input as one whose outputs follow each other, e.g.
    /// queries, keys and values.
    public convenience init(
        concatenating parts: [(weight: StoredTensor, bias: StoredTensor?)],
        quantized: Bool = false, residence: WeightResidence = .prepared,
        over spare: PackedMemory? = nil, in compute: Compute
    ) throws {
        try self.init(
            parts: parts, gated: false, quantized: quantized, residence, spare, compute)
    }

    private init(
        parts: [(weight: StoredTensor, bias: StoredTensor?)], gated: Bool, quantized: Bool,
        _ residence: WeightResidence, _ spare: PackedMemory?, _ compute: Compute
    ) throws {
        let (inputs, rows) = try Self.sizes(of: parts, gated: gated)
        self.inputs = inputs
        precision = compute.precision
        isGated = gated
        outputs = gated ? rows / 2 : rows
        let hasBias = parts.contains { $0.bias != nil }
        let biases = parts.flatMap { part in
            part.bias?.floats() ?? [Float](repeating: 0, count: part.weight.shape[0])
        }
        let columns = gated ? 2 * ((outputs + 15) / 16 * 16) : rows
        product = try ProductWeights(
            ProductWeights.Recipe(
                parts: parts.map(\.weight), columns: columns, gated: gated,
                quantized: quantized, hasBias: hasBias), residence, over: spare, in: compute)
        plainBias = hasBias ? FloatVector(biases) : nil
        guard gated, hasBias else {
            bias = plainBias
            return
        }
        var ordered = [Float](repeating: 0, count: columns)
        for (row, value) in biases.enumerated() {
            ordered[ck_interleaved_column(row, rows)] = value
        }
        bias = FloatVector(ordered)
    }

    /// Inputs and rows of parts that fit together.
    private static func sizes(
        of parts: [(weight: StoredTensor, bias: StoredTensor?)], gated: Bool
    ) throws -> (inputs: Int, rows: Int) {
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
        return (inputs, rows)
    }
}
