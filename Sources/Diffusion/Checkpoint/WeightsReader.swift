import Tensors

/// Hands a network its weights by name, and notes what is missing, surplus or misshapen.
///
/// A network is built through a reader twice: once with a reader that only checks, which costs
/// nothing and finds every problem at once, then with one that loads.
final class WeightsReader {
    /// Where weights come from.
    enum Source {
        /// A file; only names and shapes are compared.
        case check(TensorIndex)
        /// A file.
        case load(TensorIndex)
        /// Small random numbers of every shape that is asked for.
        case random(RandomWeights)
        /// Nothing; parameters are counted.
        case count
    }

    private let source: Source
    private let compute: Compute
    private let residence: WeightResidence
    /// The products that were made, in order.
    private(set) var products: [any PreparedWeights] = []
    private let layers: LayerCache?
    /// Memory of the layer whose place the one being made takes.
    private var spare: PackedMemory?
    private var used: Set<String> = []
    private var mismatch: WeightsMismatch
    /// Every weight that was asked for, in order.
    private(set) var requested: [(name: String, shape: [Int])] = []
    /// Parameters that were asked for.
    var parameterCount: Int { requested.reduce(0) { $0 + $1.shape.reduce(1, *) } }

    /// Whether networks may hold products as int8.
    fileprivate var quantizes: Bool { compute.options.quantizes }

    /// - Parameters:
    ///   - residence: how long the weights of products stay in memory.
    ///   - layers: layers of an earlier loading, which are taken over where nothing changed.
    init(
        _ source: Source, residence: WeightResidence = .prepared, layers: LayerCache? = nil,
        compute: Compute
    ) {
        self.source = source
        self.residence = residence
        self.layers = layers
        self.compute = compute
        switch source {
        case .check(let index), .load(let index): mismatch = WeightsMismatch(file: index.source)
        case .random, .count: mismatch = WeightsMismatch(file: "")
        }
    }

    /// The names under `prefix`.
    func scope(_ prefix: String = "") -> WeightsScope {
        WeightsScope(reader: self, prefix: prefix.isEmpty ? "" : prefix + ".")
    }

    /// Share of tensors that nothing asks for from which a file is refused.
    private static let surplusLimit = 0.05

    /// Reports every tensor that did not fit. A few that nothing asks for are no reason to refuse.
    ///
    /// - Parameter ignoring: names that may be there without being used.
    /// - Returns: a sentence about tensors that nothing asks for, nil without any.
    @discardableResult
    func finish(
        ignoring: (String) -> Bool = { _ in false }
    ) throws(WeightsError) -> String? {
        guard case .check(let index) = source else {
            if !mismatch.isEmpty { throw .mismatch(mismatch) }
            return nil
        }
        let surplus = index.names.filter { !used.contains($0) && !ignoring($0) }.sorted()
        let isFew = Double(surplus.count) <= Self.surplusLimit * Double(index.names.count)
        if isFew, mismatch.isEmpty, !surplus.isEmpty {
            mismatch.surplus = surplus
            defer { mismatch.surplus = [] }
            return mismatch.summary + "; they are ignored"
        }
        mismatch.surplus = surplus
        if !mismatch.isEmpty { throw .mismatch(mismatch) }
        return nil
    }

    /// The weight of that name, or nil where only names and shapes matter.
    ///
    /// - Parameter isOfProduct: whether changes of LoRAs may wait until the product is prepared.
    fileprivate func weight(
        _ name: String, _ shape: [Int], isOfProduct: Bool = false
    ) throws -> StoredTensor? {
        requested.append((name, shape))
        switch source {
        case .count: return nil
        case .random(let random): return random.tensor(shape)
        case .check(let index):
            _ = find(name, shape, in: index)
            return nil
        case .load(let index):
            let tensor = find(name, shape, in: index)
            return isOfProduct ? try tensor?.storedForProduct() : try tensor?.stored(in: compute)
        }
    }

    private func find(_ name: String, _ shape: [Int], in index: TensorIndex) -> CheckpointTensor? {
        used.insert(name)
        guard let tensor = index[name] else {
            mismatch.missing.append(name)
            return nil
        }
        guard tensor.shape == shape else {
            mismatch.wrongShapes.append(
                .init(tensor: name, found: tensor.shape, expected: shape))
            return nil
        }
        return tensor
    }

    /// The layer of the weights `names` from an earlier loading, or the one that `make` makes now.
    fileprivate func layer<Layer: AnyObject>(
        _ names: [String], _ make: () throws -> Layer
    ) throws -> Layer {
        guard case .load(let index) = source else { return try make() }
        let identities = names.flatMap { name in
            [name + ".weight", name + ".bias"].flatMap {
                index[$0]?.patches.map(\.identity) ?? []
            }
        }
        guard let layers else { return try make() }
        let count = products.count
        let layer = try layers.layer(names.joined(separator: " "), identities) { former in
            spare = former
            defer { spare = nil }
            return try make()
        }
        // A layer that was taken over is one of the network's products all the same.
        if products.count == count, let product = layer as? any PreparedWeights {
            products.append(product)
        }
        return layer
    }

    /// - Parameter seldom: whether weights that would be kept are rather prepared at each use.
    fileprivate func linear(
        _ parts: [(weight: StoredTensor?, bias: StoredTensor?)], gated: Bool, quantized: Bool,
        seldom: Bool = false
    ) throws -> LinearWeights {
        let residence = seldom && self.residence == .kept ? .streamed : self.residence
        let given = parts.compactMap { part in part.weight.map { (weight: $0, bias: part.bias) } }
        guard given.count == parts.count, let first = given.first else {
            // Never computed with: either nothing is loaded, or `finish` throws.
            return try LinearWeights(StoredTensor(floats: [0], shape: [1, 1]), in: compute)
        }
        let weights =
            try given.count == 1
            ? LinearWeights(
                first.weight, bias: first.bias, gated: gated, quantized: quantized,
                residence: residence, over: spare, in: compute)
            : LinearWeights(
                concatenating: given, quantized: quantized, residence: residence, over: spare,
                in: compute)
        products.append(weights)
        return weights
    }

    fileprivate func convolution(
        _ weight: StoredTensor?, _ bias: StoredTensor?, _ window: ConvolutionWindow,
        quantized: Bool
    ) throws -> ConvolutionWeights {
        guard let weight else {
            return try ConvolutionWeights(
                StoredTensor(floats: [0], shape: [1, 1, 1, 1]), in: compute)
        }
        let weights = try ConvolutionWeights(
            weight, bias: bias, stride: window.stride, padding: window.padding,
            quantized: quantized, residence: residence, over: spare, in: compute)
        products.append(weights)
        return weights
    }

    fileprivate func norm(_ gamma: StoredTensor?, _ beta: StoredTensor?) throws -> NormWeights {
        let nothing = StoredTensor(floats: [0], shape: [1])
        return try NormWeights(gamma ?? nothing, beta ?? nothing)
    }

    fileprivate func embedding(_ table: StoredTensor?) throws -> EmbeddingWeights {
        let nothing = StoredTensor(floats: [0], shape: [1, 1])
        return try EmbeddingWeights(table ?? nothing)
    }
}

/// Size, stride and padding of a convolution's window.
struct ConvolutionWindow {
    var size = 3
    var stride = 1
    /// Nil keeps the size at stride 1.
    var padding: ConvolutionPadding?
}

/// The part of a network's weights whose names start with a prefix: what one block reads from.
struct WeightsScope {
    fileprivate let reader: WeightsReader
    fileprivate let prefix: String
    /// Whether products are held as int8.
    private(set) var isQuantized = false
    /// Whether linear layers run so seldom that their weights are prepared at each use.
    private(set) var isSeldom = false

    /// The names below `name`.
    func at(_ name: String) -> WeightsScope {
        WeightsScope(reader: reader, prefix: prefix + name + ".", isQuantized: isQuantized)
    }

    /// The same names, with products in int8 where the run wants that.
    var quantized: WeightsScope {
        WeightsScope(reader: reader, prefix: prefix, isQuantized: reader.quantizes)
    }

    /// The same names, with products in the run's precision: for layers that take no time, and
    /// those that bear no rounding.
    var exact: WeightsScope { WeightsScope(reader: reader, prefix: prefix) }

    /// The same names, for linear layers in the run's precision that run once per prompt: their
    /// weights do not stay in memory.
    var seldom: WeightsScope { WeightsScope(reader: reader, prefix: prefix, isSeldom: true) }

    /// A linear layer: `name.weight` `[outputs, inputs]` and, with `bias`, `name.bias`.
    func linear(
        _ name: String, _ inputs: Int, _ outputs: Int, bias: Bool = true
    ) throws -> LinearWeights {
        try layer([name]) {
            try reader.linear(
                [try part(name, [outputs, inputs], bias: bias)], gated: false,
                quantized: isQuantized, seldom: isSeldom)
        }
    }

    /// A layer whose second half of outputs gates the first.
    func gatedLinear(_ name: String, _ inputs: Int, _ outputs: Int) throws -> LinearWeights {
        try layer([name]) {
            try reader.linear(
                [try part(name, [2 * outputs, inputs], bias: true)], gated: true,
                quantized: isQuantized)
        }
    }

    /// Several layers of one input as one.
    func fusedLinear(
        _ names: [String], _ inputs: Int, _ outputs: Int, bias: Bool
    ) throws -> LinearWeights {
        try layer(names) {
            try reader.linear(
                try names.map { try part($0, [outputs, inputs], bias: bias) }, gated: false,
                quantized: isQuantized)
        }
    }

    /// A linear layer that is stored as a 1x1 convolution `[outputs, inputs, 1, 1]`.
    func pointwise(_ name: String, _ inputs: Int, _ outputs: Int) throws -> LinearWeights {
        try layer([name]) {
            try reader.linear(
                [try part(name, [outputs, inputs, 1, 1], bias: true)], gated: false,
                quantized: isQuantized)
        }
    }

    /// A convolution with bias.
    func convolution(
        _ name: String, _ inputs: Int, _ outputs: Int,
        _ window: ConvolutionWindow = ConvolutionWindow(), bias: Bool = true
    ) throws -> ConvolutionWeights {
        try layer([name]) {
            let (weight, bias) = try part(
                name, [outputs, inputs, window.size, window.size], bias: bias)
            return try reader.convolution(weight, bias, window, quantized: isQuantized)
        }
    }

    /// A normalisation's scale and shift.
    func norm(_ name: String, _ channels: Int) throws -> NormWeights {
        try layer([name]) {
            let (gamma, beta) = try part(name, [channels], bias: true, isOfProduct: false)
            return try reader.norm(gamma, beta)
        }
    }

    /// Vectors that are stored under the name itself, `[width]` or `[1, entries, width]`.
    func table(_ name: String, _ shape: [Int]) throws -> EmbeddingWeights {
        let width = shape[shape.count - 1]
        let stored = try reader.weight(prefix + name, shape)
        return try reader.embedding(stored?.reshaped([shape.reduce(1, *) / width, width]))
    }

    /// Square patches of a picture with three channels as a linear layer without bias; stored as a
    /// convolution `[outputs, 3, size, size]`.
    func patches(_ name: String, _ size: Int, _ outputs: Int) throws -> LinearWeights {
        let stored = try reader.weight(prefix + name + ".weight", [outputs, 3, size, size])
        let rows = stored?.reshaped([outputs, 3 * size * size])
        return try reader.linear([(rows, nil)], gated: false, quantized: false)
    }

    /// A table of vectors.
    func embedding(_ name: String, _ entries: Int, _ width: Int) throws -> EmbeddingWeights {
        try layer([name]) {
            try reader.embedding(try reader.weight(prefix + name + ".weight", [entries, width]))
        }
    }

    private func layer<Layer: AnyObject>(
        _ names: [String], _ make: () throws -> Layer
    ) throws -> Layer {
        try reader.layer(names.map { prefix + $0 }, make)
    }

    private func part(
        _ name: String, _ shape: [Int], bias: Bool, isOfProduct: Bool = true
    ) throws -> (weight: StoredTensor?, bias: StoredTensor?) {
        let weight = try reader.weight(
            prefix + name + ".weight", shape, isOfProduct: isOfProduct)
        guard bias else { return (weight, nil) }
        return (weight, try reader.weight(prefix + name + ".bias", [shape[0]]))
    }
}
