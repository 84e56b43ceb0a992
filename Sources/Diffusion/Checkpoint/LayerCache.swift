import Tensors

/// Prepared layers of a network, so that changing LoRAs prepares again only what they touch.
///
/// A layer that has to be made anew is dropped first, and the new one may use its memory: at no time
/// are two copies of a network in memory.
final class LayerCache {
    private var layers: [String: (identities: [String], layer: AnyObject)] = [:]

    /// The layer under `key` when it was made from the same patches, otherwise what `make` makes in
    /// the memory of the one before.
    func layer<Layer: AnyObject>(
        _ key: String, _ identities: [String], _ make: (PackedMemory?) throws -> Layer
    ) throws -> Layer {
        if let known = layers[key], known.identities == identities,
            let layer = known.layer as? Layer
        {
            return layer
        }
        let former = layers.removeValue(forKey: key)?.layer as? any PreparedWeights
        let layer = try make(former?.giveUp())
        layers[key] = (identities, layer)
        return layer
    }
}
