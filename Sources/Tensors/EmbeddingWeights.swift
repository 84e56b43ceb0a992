/// A table [entries, width] from which rows are looked up.
///
/// Rows are converted when they are looked up: a prompt reads 77 of 49408.
public final class EmbeddingWeights: Sendable {
    public let entries: Int
    public let width: Int
    let table: StoredTensor

    /// Takes a stored table [entries, width].
    public init(_ table: StoredTensor) throws {
        guard table.shape.count == 2 else {
            throw TensorError.shapeMismatch(operation: "embedding", detail: "\(table.shape)")
        }
        entries = table.shape[0]
        width = table.shape[1]
        self.table = table
    }
}
