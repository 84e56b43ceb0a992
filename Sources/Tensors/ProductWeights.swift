import Synchronization

/// The weights of a product with their residence.
final class ProductWeights: Sendable {
    /// What `Compute.prepare` needs.
    struct Recipe: Sendable {
        /// Weights whose outputs follow each other.
        var parts: [StoredTensor]
        var columns: Int
        var taps = 1
        var gated = false
        var quantized = false
        /// A 3x3 kernel becomes the sixteen taps of Winograd's F(2x2, 3x3), except in int8 and
        /// where oneDNN computes.
        var transformed = false
        var hasBias = true
        var stride = 1
    }

    private struct State {
        var recipe: Recipe?
        var prepared: PreparedProduct?
        /// Memory of weights whose place these take.
        var spare: PackedMemory?
        /// The streamed weights that ran after these the last time.
        weak var next: ProductWeights?
    }

    private let residence: WeightResidence
    private let state: Mutex<State>

    /// - Parameter spare: memory of weights whose place these take, used where it has their size.
    init(
        _ recipe: Recipe, _ residence: WeightResidence, over spare: PackedMemory? = nil,
        in compute: Compute
    ) throws {
        self.residence = residence
        switch residence {
        case .prepared:
            state = Mutex(
                State(prepared: try compute.prepare(recipe, in: .own(spare: spare))))
            recipe.releasePages()
        case .kept: state = Mutex(State(recipe: recipe, spare: spare))
        case .streamed: state = Mutex(State(recipe: recipe))
        }
    }

    var byteCount: Int {
        state.withLock { $0.prepared?.byteCount ?? $0.spare?.byteCount ?? 0 }
    }

    /// The prepared weights, made now where they are not in memory.
    func product(in compute: Compute) throws -> PreparedProduct {
        let (known, recipe) = state.withLock { ($0.prepared, $0.recipe) }
        if let known { return known }
        guard let recipe else { throw TensorError.unsupported(operation: "weights") }
        if residence == .streamed { compute.announce(self) }
        let made = try compute.prepare(
            recipe,
            in: residence == .streamed ? .activations(compute.arena) : .own(spare: takeSpare()))
        recipe.releasePages()
        if residence == .kept { state.withLock { $0.prepared = made } }
        return made
    }

    /// Gives kept weights up; returns their bytes.
    func drop() -> Int {
        let held = byteCount
        guard residence == .kept else { return 0 }
        _ = giveUp()
        return held
    }

    /// Gives kept weights up; returns their memory for the weights that take their place.
    func giveUp() -> PackedMemory? {
        guard residence == .kept else { return nil }
        return state.withLock { state in
            defer { (state.prepared, state.spare) = (nil, nil) }
            return state.prepared?.memory ?? state.spare
        }
    }

    private func takeSpare() -> PackedMemory? {
        state.withLock { state in
            defer { state.spare = nil }
            return state.spare
        }
    }

    /// Notes what runs after these weights.
    func precedes(_ other: ProductWeights) { state.withLock { $0.next = other } }

    /// Lets the system read what will run next from the disk while these weights compute.
    func readAhead() {
        let next = state.withLock { $0.next }
        next?.state.withLock { state in
            for part in state.recipe?.parts ?? [] { part.readAhead() }
        }
    }
}

extension ProductWeights.Recipe {
    /// Prepared weights need the file's pages no more; without this they would count twice.
    func releasePages() {
        for part in parts where part.isMapped { part.releaseMappedPages() }
    }
}
