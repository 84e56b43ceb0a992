/// Prepared layers of a network, so that changing LoRAs prepares again only what they touch.
///
/// A layer that has to be made anew is dropped first: at no time are two copies of a network in
/// memory.
final class LayerCache {
    private var layers: [String: (identities: [String], layer: AnyObject)] = [:]

    /// The layer under `key` when it was made from the same patches, otherwise what `make` makes.
    func layer<Layer: AnyObject>(
        _ key: String, _ identities: [String], _ make: () throws -> Layer
    ) throws -> Layer {
        if let known = layers[key], known.identities == identities,
            let layer = known.layer as? Layer
        {
            return layer
        }
        layers[key] = nil
        let layer = try make()
        layers[key] = (identities, layer)
        return layer
    }
}
