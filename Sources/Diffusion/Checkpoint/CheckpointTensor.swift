import Tensors

/// A weight as a network wants to see it: a tensor of a file, or some rows of one, perhaps stored
/// transposed, under the shape that the network's convention gives it.
struct CheckpointTensor: Sendable {
    /// The file that holds the bytes.
    let file: SafetensorsFile
    /// The tensor in the file.
    let entry: SafetensorsFile.Entry
    /// Rows (along the first dimension) that belong to this weight; nil: all.
    var rows: Range<Int>?
    /// Whether the file holds the matrix transposed.
    var isTransposed = false
    /// The shape after `rows`, transposition and dropping of 1x1 windows.
    var shape: [Int]
    /// What LoRAs add to it when it is loaded.
    var patches: [WeightPatch] = []

    /// A whole tensor as stored.
    init(file: SafetensorsFile, entry: SafetensorsFile.Entry) {
        self.file = file
        self.entry = entry
        shape = entry.shape
    }

    /// One of `parts` equal pieces along the first dimension, nil when it does not divide.
    func part(_ index: Int, of parts: Int) -> CheckpointTensor? {
        guard let rows = shape.first, rows % parts == 0 else { return nil }
        var piece = self
        let size = rows / parts
        piece.rows = (index * size)..<((index + 1) * size)
        piece.shape[0] = size
        return piece
    }

    /// The same numbers seen transposed.
    var transposed: CheckpointTensor {
        guard shape.count == 2 else { return self }
        var other = self
        other.isTransposed.toggle()
        other.shape = shape.reversed()
        return other
    }

    /// A 1x1 convolution's weight `[out, in, 1, 1]` seen as a matrix `[out, in]`.
    var withoutWindow: CheckpointTensor {
        guard shape.count == 4, shape[2] == 1, shape[3] == 1 else { return self }
        var other = self
        other.shape = Array(shape.prefix(2))
        return other
    }

    /// Number of elements.
    var count: Int { shape.reduce(1, *) }

    /// The stored bytes of this weight, in the file's element type and order.
    var bytes: UnsafeRawBufferPointer {
        let all = file.bytes(of: entry)
        guard let rows, let total = entry.shape.first, total > 0 else { return all }
        let rowBytes = all.count / total
        return UnsafeRawBufferPointer(
            rebasing: all[(rows.lowerBound * rowBytes)..<(rows.upperBound * rowBytes)])
    }
}

extension CheckpointTensor {
    /// The weight in the form that the numeric layer prepares from; a view of the mapped file
    /// unless it has to be transposed or is stored in 64 bits.
    ///
    /// - Throws: ``WeightsError`` for integers, which are no weights.
    func stored() throws(WeightsError) -> StoredTensor {
        guard let base = bytes.baseAddress, let type = entry.type.elementType else {
            guard entry.type == .f64 else {
                throw .badTensor(
                    file: file.path, tensor: entry.name,
                    reason: "is stored as \(entry.type.rawValue), which no weight can be")
            }
            return StoredTensor(floats: transposedIfNeeded(doubles()), shape: shape)
        }
        guard isTransposed else {
            return StoredTensor(
                pointer: base, elementType: type, shape: shape, owner: file, isMapped: true)
        }
        let view = StoredTensor(
            pointer: base, elementType: type, shape: shape.reversed(), owner: file)
        return StoredTensor(floats: transposedIfNeeded(view.floats()), shape: shape)
    }

    /// The weight with its patches merged in.
    func stored(in compute: Compute) throws -> StoredTensor {
        let base = try stored()
        guard !patches.isEmpty else { return base }
        let merged = try WeightMerger(compute: compute).merged(base, patches)
        base.releaseMappedPages()
        return merged
    }

    /// The weight with its patches merged in whenever a product is prepared from it.
    func storedForProduct() throws -> StoredTensor {
        let base = try stored()
        guard !patches.isEmpty else { return base }
        let patches = patches
        return base.merging { base, compute in
            let change = try WeightMerger(compute: compute).change(of: base, patches)
            if case .replaced = change { base.releaseMappedPages() }
            return change
        }
    }

    /// The elements as f32, in the order of `shape`.
    func floats() throws(WeightsError) -> [Float] {
        try stored().floats()
    }

    /// The first element of a stored integer, such as a counter of training steps.
    var integer: Int? {
        guard bytes.count >= 8, entry.type == .i64 else { return nil }
        return Int(bytes.loadUnaligned(as: Int64.self))
    }

    private func doubles() -> [Float] {
        let bytes = bytes
        return (0..<count).map {
            Float(Double(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)))
        }
    }

    private func transposedIfNeeded(_ values: [Float]) -> [Float] {
        guard isTransposed, shape.count == 2 else { return values }
        var result = [Float](repeating: 0, count: values.count)
        for row in 0..<shape[0] {
            for column in 0..<shape[1] {
                result[row * shape[1] + column] = values[column * shape[0] + row]
            }
        }
        return result
    }
}

extension StorageType {
    /// The same encoding in the numeric layer's terms, nil for what it cannot read directly.
    var elementType: ElementType? {
        switch self {
        case .f32: .float32
        case .f16: .float16
        case .bf16: .bfloat16
        case .f8e4m3: .float8E4M3
        case .f8e5m2: .float8E5M2
        default: nil
        }
    }
}
