import CKernels

extension Compute {
    /// Whether products of int8 run faster than others here: it takes AVX-512 with VNNI.
    public var hasInt8: Bool { ck_has_int8(level.code) != 0 }

    /// Prepares weights for the product engine.
    func prepare(
        _ recipe: ProductWeights.Recipe, in place: PackedMemory.Place
    ) throws -> PreparedProduct {
        let parts = try recipe.parts.map { try $0.changed(in: self) }
        if options.products == .oneDNN, !recipe.quantized,
            let product = try oneDNNProduct(
                try parts.map { part in
                    try part.change.map { try merged(part.weights, $0) } ?? part.weights
                }, hasBias: recipe.hasBias, stride: recipe.stride)
        {
            return .oneDNN(product)
        }
        let inputs = (recipe.parts.first?.shape.dropFirst().reduce(1, *) ?? 0) / recipe.taps
        if recipe.quantized {
            let matrix = try Int8Matrix(
                outputs: recipe.columns, inputs: inputs, taps: recipe.taps, place)
            try pack(parts, by: recipe, inputs: inputs) { work in
                work.packed = matrix.pointer
                work.type = Int32(CK_I8)
                work.scales = matrix.scales
                work.sums = matrix.sums
            }
            return .int8(matrix)
        }
        let packed = try PackedMatrix(
            precision: precision, outputs: recipe.columns, inputs: inputs,
            taps: recipe.transformed ? 16 : recipe.taps, place)
        try pack(parts, by: recipe, inputs: inputs) { work in
            work.packed = packed.pointer
            work.type = packed.precision.code
            work.transformed = recipe.transformed ? 1 : 0
        }
        return recipe.transformed ? .transformed(packed) : .kernels(packed)
    }

    /// Notes that streamed weights run now, and what will run after them.
    func announce(_ weights: ProductWeights) {
        lastStreamed?.precedes(weights)
        lastStreamed = weights
        weights.readAhead()
    }

    private func pack(
        _ parts: [(weights: StoredTensor, change: LowRankChange?)],
        by recipe: ProductWeights.Recipe, inputs: Int, into destination: (inout ck_pack) -> Void
    ) throws {
        var first = 0
        for (weights, change) in parts {
            var work = packing(
                weights, columns: recipe.columns, first: first, inputs: inputs,
                taps: recipe.taps)
            destination(&work)
            work.interleaved = recipe.gated ? 1 : 0
            let rows = weights.shape[0]
            try run(.prepare) {
                guard let change else { return ck_pack_weights(pool, level.code, &work) }
                return change.withKernelChange(rows: rows) {
                    work.change = $0
                    return ck_pack_weights(pool, level.code, &work)
                }
            }
            first += rows
        }
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
