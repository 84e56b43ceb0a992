/// How long weights stay in memory in the layout that computes fastest.
public enum WeightResidence: Sendable, CaseIterable {
    /// Prepared when the layer is made, for as long as it lives; the stored tensors may go.
    case prepared
    /// Prepared when the layer first runs, until ``PreparedWeights/drop()``.
    case kept
    /// Prepared each time the layer runs, in the memory of activations. The bits of every result
    /// are those of the other cases.
    case streamed
}

/// The weights of a layer, which may be given up and prepared again.
public protocol PreparedWeights: AnyObject, Sendable {
    /// Bytes of the prepared weights in memory now.
    var byteCount: Int { get }
    /// Gives the memory of weights that were ``WeightResidence/kept`` back.
    ///
    /// - Returns: the number of bytes, 0 where nothing can be given up.
    @discardableResult
    func drop() -> Int
    /// As ``drop()``, but returns the memory for the layer that takes this one's place.
    func giveUp() -> PackedMemory?
}
