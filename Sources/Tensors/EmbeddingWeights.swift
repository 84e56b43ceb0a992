import CKernels

/// A table [entries, width] from which rows are looked up, in one precision.
public final class EmbeddingWeights: Sendable {
    public let entries: Int
    public let width: Int
    let bytes: StoredBytes
    let precision: Precision

    /// Prepares a stored table [entries, width].
    public init(_ table: StoredTensor, in compute: Compute) throws {
        guard table.shape.count == 2 else {
            throw TensorError.shapeMismatch(operation: "embedding", detail: "\(table.shape)")
        }
        entries = table.shape[0]
        width = table.shape[1]
        precision = compute.precision
        let bytes = StoredBytes(byteCount: table.count * precision.byteCount)
        let code = precision.code
        try compute.run(.prepare) {
            ck_convert(
                compute.pool, compute.level.code, bytes.pointer, code, table.pointer,
                table.elementType.code, table.count)
        }
        self.bytes = bytes
    }
}
