/// Rows behind an encoder's token table.
struct AddedVectors: Sendable {
    /// The id of the first row; no id is as large when there are no rows.
    var firstID = Int.max
    /// Row by row.
    var values: [Float] = []
    /// Number of rows.
    var count = 0
}
