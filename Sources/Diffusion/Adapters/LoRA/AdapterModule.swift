import Tensors

/// The tensors of one module of a LoRA file, and the weight they change.
struct AdapterModule {
    private let name: String
    private let tensors: [AdapterRole: StoredTensor]
    private let target: AdapterTarget
    private let file: AdapterFile
    /// The shape of the module's weight in the model.
    private let shape: [Int]
    /// The shape of its bias, nil without one.
    private let biasShape: [Int]?

    /// Nil when the model has no weight of that name.
    init?(
        _ name: String, _ module: AdapterFile.Module, _ target: AdapterTarget,
        in checkpoint: Checkpoint, _ file: AdapterFile
    ) {
        let index = checkpoint.tensors(of: target.network)
        guard let shape = index?.shape(target.module + ".weight") else { return nil }
        self.name = name
        self.target = target
        self.file = file
        self.shape = shape
        biasShape = index?.shape(target.module + ".bias")
        tensors = module.tensors
    }

    private var rows: Int { shape.first ?? 1 }
    private var columns: Int { shape.dropFirst().reduce(1, *) }

    /// Roles that are useless without one another.
    private static let pairs: [[AdapterRole]] = [
        [.up, .down], [.hadamard1A, .hadamard1B, .hadamard2A, .hadamard2B],
        [.kronecker1A, .kronecker1B], [.kronecker2A, .kronecker2B],
        [.glora1, .glora2, .glora3, .glora4],
    ]

    /// The tensor that is missing beside those that are there, nil when all are.
    var missingPart: String? {
        for pair in Self.pairs where pair.contains(where: { tensors[$0] != nil }) {
            if let missing = pair.first(where: { tensors[$0] == nil }) {
                return missing.rawValue + " beside its other half"
            }
        }
        let kronecker: [(AdapterRole, AdapterRole)] = [
            (.kronecker1, .kronecker1A), (.kronecker2, .kronecker2A),
        ]
        let present = kronecker.map { tensors[$0.0] != nil || tensors[$0.1] != nil }
        if present.contains(true), present.contains(false) { return "second Kronecker factor" }
        let isBare = tensors.keys.allSatisfy {
            [.alpha, .decomposedScale, .magnitude, .middle].contains($0)
        }
        return isBare ? "weights" : nil
    }

    /// Whether it has numbers for a bias that the model's module has not.
    var lacksBias: Bool {
        biasShape == nil && (tensors[.upBias] != nil || tensors[.biasDifference] != nil)
    }

    /// What the module does to its weight and its bias.
    ///
    /// - Throws: ``AdapterError``.
    func changes() throws -> [LoRA.Change] {
        var result: [LoRA.Change] = []
        if let delta = try weightDelta() {
            result.append(.init(target: target, tensor: "weight", delta: delta))
        }
        for delta in try biasDeltas() {
            result.append(.init(target: target, tensor: "bias", delta: delta))
        }
        return result
    }

    private func weightDelta() throws -> WeightDelta? {
        let candidates = [
            try lowRank(), try hadamard(), try kronecker(), try difference(), try channelScale(),
            try generalized(),
        ]
        guard let inner = candidates.compactMap({ $0 }).first else { return nil }
        if let magnitude = tensors[.magnitude] {
            try expect(magnitude.count == rows, magnitude)
            return .decomposed(inner, magnitude: magnitude, isInput: false, convention: .inner)
        }
        guard let magnitude = tensors[.decomposedScale] else { return inner }
        let isOutput = magnitude.shape.first == rows && magnitude.count == rows
        let inputs = shape.count > 1 ? shape[1] : 1
        try expect(isOutput || magnitude.count == inputs, magnitude)
        // diffusers reads kohya's DoRA of LoRA pairs as peft's; other kinds are LyCORIS' alone.
        let isPeft = isOutput && tensors[.up] != nil && tensors[.middle] == nil
        return .decomposed(
            inner, magnitude: magnitude, isInput: !isOutput,
            convention: isPeft ? .inner : .outer)
    }

    private func lowRank() throws -> WeightDelta? {
        guard let up = tensors[.up], let down = tensors[.down] else { return nil }
        try expect(up.shape.first == rows && up.count % max(rows, 1) == 0, up)
        let rank = up.count / max(rows, 1)
        if let core = tensors[.middle] {
            try expectTucker(core, up: rank, inputs: down)
            return .lowRank(up: up, down: down, core: core, scale: try scale(rank: rank))
        }
        try expect(rank > 0 && down.count == rank * columns, down)
        return .lowRank(up: up, down: down, core: nil, scale: try scale(rank: rank))
    }

    private func hadamard() throws -> WeightDelta? {
        guard let a1 = tensors[.hadamard1A], let b1 = tensors[.hadamard1B],
            let a2 = tensors[.hadamard2A], let b2 = tensors[.hadamard2B]
        else { return nil }
        let factors = [
            HadamardFactor(a: a1, b: b1, core: tensors[.hadamard1Core]),
            HadamardFactor(a: a2, b: b2, core: tensors[.hadamard2Core]),
        ]
        for factor in factors {
            let rank = factor.b.shape.first ?? 0
            try expect(rank > 0 && factor.a.count == rows * rank, factor.a)
            if let core = factor.core {
                try expectTucker(core, up: rank, inputs: factor.b)
            } else {
                try expect(factor.b.count == rank * columns, factor.b)
            }
        }
        return .hadamard(
            factors[0], factors[1], scale: try scale(rank: b1.shape.first ?? 1))
    }

    private func kronecker() throws -> WeightDelta? {
        guard
            let first = factor(tensors[.kronecker1], tensors[.kronecker1A], tensors[.kronecker1B]),
            let second = factor(
                tensors[.kronecker2], tensors[.kronecker2A], tensors[.kronecker2B],
                core: tensors[.kronecker2Core])
        else { return nil }
        let (a, b) = (first.shape, second.shape)
        guard let a, let b, a.count == 2, b.count >= 2, a[0] * b[0] == rows,
            a[1] * b[1] * b.dropFirst(2).reduce(1, *) == columns
        else {
            throw AdapterError.wrongShape(
                file: file.path, module: name,
                found: "a Kronecker product of \(a ?? []) and \(b ?? [])", expected: shape)
        }
        // Two whole factors have no rank that alpha could be divided by.
        let rank = second.rank ?? first.rank
        let factor = try rank.map { try scale(rank: $0) } ?? wholeScale()
        return .kronecker(first.value, second.value, scale: factor)
    }

    /// A factor with its shape and, where it is a product, its rank.
    private func factor(
        _ whole: StoredTensor?, _ a: StoredTensor?, _ b: StoredTensor?, core: StoredTensor? = nil
    ) -> (value: KroneckerFactor, shape: [Int]?, rank: Int?)? {
        if let whole { return (.whole(whole), whole.shape, nil) }
        guard let a, let b, a.shape.count == 2, b.shape.count >= 2 else { return nil }
        if let core {
            let fits =
                core.shape.count > 2 && core.shape[0] == a.shape[0]
                && core.shape[1] == b.shape[0]
            let shape = fits ? [a.shape[1], b.shape[1]] + core.shape.dropFirst(2) : nil
            return (.product(a, b, core: core), shape, b.shape[0])
        }
        let shape = a.shape[1] == b.shape[0] ? [a.shape[0]] + b.shape.dropFirst() : nil
        return (.product(a, b, core: nil), shape, b.shape[0])
    }

    private func difference() throws -> WeightDelta? {
        guard let values = tensors[.weightDifference] else { return nil }
        try expect(values.count == rows * columns, values)
        return .difference(values)
    }

    /// LyCORIS' (IA)^3 counts from 0 and says which side it acts on; peft's counts from 1 and its
    /// shape says it: [outputs, 1] or [1, inputs].
    private func channelScale() throws -> WeightDelta? {
        let inputs = shape.count > 1 ? shape[1] : 1
        if let factors = tensors[.peftScale] {
            let isInput =
                factors.shape.first == 1 && rows != 1
                && !(factors.shape.count == 4 && factors.count == rows && inputs != rows)
            try expect(factors.count == (isInput ? inputs : rows), factors)
            return .channelScale(factors, isInput: isInput, offset: 1)
        }
        guard let factors = tensors[.scale], let flag = tensors[.inputFlag] else { return nil }
        let isInput = flag.floats().first == 1
        try expect(factors.count == (isInput ? inputs : rows), factors)
        return .channelScale(factors, isInput: isInput, offset: 0)
    }

    private func generalized() throws -> WeightDelta? {
        guard let a1 = tensors[.glora1], let a2 = tensors[.glora2], let b1 = tensors[.glora3],
            let b2 = tensors[.glora4]
        else { return nil }
        let rank = a2.shape.first ?? 0
        let inputs = shape.count > 1 ? shape[1] : 1
        try expect(rank > 0 && a1.count == rank * inputs && a2.count == rank * inputs, a1)
        let other = b2.shape.first ?? 0
        try expect(other > 0 && b1.count == other * rows && b2.count == other * columns, b1)
        return .generalized(
            weightDown: a2, weightUp: a1, down: b2, up: b1, scale: try scale(rank: rank))
    }

    private func biasDeltas() throws -> [WeightDelta] {
        var result: [WeightDelta] = []
        guard biasShape == [rows] else { return [] }
        if let values = tensors[.biasDifference] {
            try expect(values.count == rows, values)
            result.append(.difference(values))
        }
        if let values = tensors[.upBias], let up = tensors[.up] {
            try expect(values.count == rows, values)
            let factor = try scale(rank: up.count / max(rows, 1))
            result.append(
                .difference(
                    StoredTensor(
                        floats: values.floats().map { $0 * factor }, shape: values.shape)))
        }
        if tensors[.peftScale] != nil,
            case .channelScale(let factors, false, let offset)? = try channelScale()
        {
            // peft multiplies the layer's output, its bias with it.
            result.append(
                .channelScale(
                    factors.reshaped([factors.count]), isInput: false, offset: offset))
        }
        return result
    }

    /// alpha / rank where the file has an alpha, what peft's configuration says otherwise, or 1.
    private func scale(rank: Int) throws -> Float {
        if let alpha = tensors[.alpha] {
            guard let value = alpha.floats().first, value.isFinite else {
                throw AdapterError.notFinite(file: file.path, module: target.module)
            }
            return value / Float(max(rank, 1))
        }
        return Float(file.scaling.scale(of: name, rank: rank) ?? 1)
    }

    private func wholeScale() -> Float {
        Float(file.scaling.scale(of: name, rank: 1) ?? 1)
    }

    private func expectTucker(_ core: StoredTensor, up rank: Int, inputs down: StoredTensor) throws
    {
        let window = core.shape.dropFirst(2).reduce(1, *)
        let inner = core.shape.count > 1 ? core.shape[1] : 0
        try expect(
            core.shape.count > 2 && core.shape[0] == rank && inner > 0
                && down.shape.first == inner && down.count * window == inner * columns, core)
    }

    private func expect(_ fits: Bool, _ tensor: StoredTensor) throws {
        guard !fits else { return }
        throw AdapterError.wrongShape(
            file: file.path, module: name, found: "\(tensor.shape)", expected: shape)
    }
}

extension Checkpoint {
    /// The weights of a network, nil where the model has none.
    func tensors(of network: AdapterNetwork) -> TensorIndex? {
        switch network {
        case .unet: unet.tensors
        case .textEncoder: textEncoder?.network.tensors
        case .textEncoder2: textEncoder2?.network.tensors
        }
    }
}
