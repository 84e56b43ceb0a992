import Tensors

/// How a module of a LoRA file changes a weight W `[outputs, ...]`; everything behind the first
/// dimension is one row.
///
/// References: Hu et al. 2021 (LoRA), Hyeon-Woo et al. 2022 (LoHa), Edalati et al. 2022 (LoKr), Liu
/// et al. 2022 ((IA)^3), Liu et al. 2024 (DoRA), Yeh et al. 2024 (LyCORIS).
indirect enum WeightDelta: Sendable {
    /// W + scale * up down. `core` is what a Tucker decomposition has between the two.
    case lowRank(up: StoredTensor, down: StoredTensor, core: StoredTensor?, scale: Float)
    /// W + scale * (a1 b1) * (a2 b2), element by element.
    case hadamard(HadamardFactor, HadamardFactor, scale: Float)
    /// W + scale * kron(first, second).
    case kronecker(KroneckerFactor, KroneckerFactor, scale: Float)
    /// W + difference.
    case difference(StoredTensor)
    /// W with each output (or input) channel multiplied by 1 + strength * (factor - offset).
    case channelScale(StoredTensor, isInput: Bool, offset: Float)
    /// W + W (a2 a1) + b2 b1: the two matrix products of GLoRA.
    case generalized(
        weightDown: StoredTensor, weightUp: StoredTensor, down: StoredTensor, up: StoredTensor,
        scale: Float)
    /// The direction of W + inner with the given length per output or input channel (DoRA).
    case decomposed(
        WeightDelta, magnitude: StoredTensor, isInput: Bool, convention: Decomposition)

    /// How DoRA files count their strength.
    enum Decomposition: Sendable {
        /// peft: the strength acts on the inner change, before the length is set.
        case inner
        /// LyCORIS and ComfyUI: the strength acts on the whole change.
        case outer
    }
}

/// One matrix of a Hadamard product, with the core of its Tucker decomposition.
struct HadamardFactor: Sendable {
    let a: StoredTensor
    let b: StoredTensor
    let core: StoredTensor?
}

/// One factor of a Kronecker product: whole, or of low rank.
enum KroneckerFactor: Sendable {
    case whole(StoredTensor)
    case product(StoredTensor, StoredTensor, core: StoredTensor?)
}

/// A change of one weight with its strength.
struct WeightPatch: Sendable {
    /// Tells this change from every other: file, state of the file, module, strength.
    let identity: String
    /// For messages.
    let file: String
    /// The module that it changes, for messages.
    let module: String
    let delta: WeightDelta
    let strength: Float
}
