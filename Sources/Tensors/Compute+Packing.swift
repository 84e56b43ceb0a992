import CKernels

extension Compute {
    /// Whether products of int8 run faster than others here: it takes AVX-512 with VNNI.
    public var hasInt8: Bool { ck_has_int8(level.code) != 0 }

    /// Packs stored weights whose outputs follow each other as one int8 matrix of `columns`.
    func quantized(
        _ parts: [StoredTensor], columns: Int, gated: Bool
    ) throws -> Int8Matrix {
        let inputs = parts.first?.shape.dropFirst().reduce(1, *) ?? 0
        let matrix = try Int8Matrix(outputs: columns, inputs: inputs)
        var first = 0
        for part in parts {
            var work = packing(part, columns: columns, first: first, inputs: inputs, taps: 1)
            work.packed = matrix.pointer
            work.type = Int32(CK_I8)
            work.scales = matrix.scales
            work.sums = matrix.sums
            work.interleaved = gated ? 1 : 0
            try run(.prepare) { ck_pack_weights(pool, level.code, &work) }
            first += part.shape[0]
        }
        return matrix
    }

    /// Packs stored weights whose outputs follow each other as one matrix of `columns`.
    func packed(
        _ parts: [StoredTensor], columns: Int, taps: Int, gated: Bool = false
    ) throws -> PackedMatrix {
        let inputs = (parts.first?.shape.dropFirst().reduce(1, *) ?? 0) / taps
        let packed = try PackedMatrix(
            precision: precision, outputs: columns, inputs: inputs, taps: taps)
        var first = 0
        for part in parts {
            var work = packing(part, columns: columns, first: first, inputs: inputs, taps: taps)
            work.packed = packed.pointer
            work.type = packed.precision.code
            work.interleaved = gated ? 1 : 0
            try run(.prepare) { ck_pack_weights(pool, level.code, &work) }
            first += part.shape[0]
        }
        return packed
    }

    /// One stored weight as columns `first`... of a matrix of `columns`.
    private func packing(
        _ weight: StoredTensor, columns: Int, first: Int, inputs: Int, taps: Int
    ) -> ck_pack {
        var work = ck_pack()
        work.source = weight.pointer
        work.source_type = weight.elementType.code
        work.outputs = columns
        work.first_output = first
        work.source_outputs = weight.shape[0]
        work.inputs = inputs
        work.taps = taps
        return work
    }
}
