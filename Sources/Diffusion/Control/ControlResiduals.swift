import Tensors

/// What control networks add inside the UNet, `[N, h, w, channels]` each.
struct ControlResiduals {
    /// One per skip connection, from `conv_in` down; empty without a ControlNet.
    private let skips: [Tensor]
    /// For the middle block's output.
    private let middle: Tensor?
    /// T2I-Adapters' features: one per level of the contracting half, perhaps one for the middle.
    private let features: [Tensor]

    init(skips: [Tensor], middle: Tensor) {
        self.skips = skips
        self.middle = middle
        features = []
    }

    init(features: [Tensor]) {
        self.features = features
        (skips, middle) = ([], nil)
    }

    private init(skips: [Tensor], middle: Tensor?, features: [Tensor]) {
        self.skips = skips
        self.middle = middle
        self.features = features
    }

    /// Both networks' residuals.
    func adding(_ other: ControlResiduals, _ compute: Compute) throws -> ControlResiduals {
        func sums(_ one: [Tensor], _ two: [Tensor]) throws -> [Tensor] {
            guard !one.isEmpty, !two.isEmpty else { return one + two }
            return try zip(one, two).map { try compute.add($0, $1) }
        }
        let middles = try sums([middle].compactMap { $0 }, [other.middle].compactMap { $0 })
        return ControlResiduals(
            skips: try sums(skips, other.skips), middle: middles.first,
            features: try sums(features, other.features))
    }

    /// What is added within a level of the contracting half; one number more means the middle.
    func feature(level: Int) -> Tensor? {
        features.indices.contains(level) ? features[level] : nil
    }

    /// Adds the residuals to the UNet's skip connections and returns its new middle.
    func add(to skips: inout [Tensor], middle: Tensor, _ compute: Compute) throws -> Tensor {
        for (index, residual) in self.skips.enumerated() {
            skips[index] = try compute.add(skips[index], residual)
        }
        return try self.middle.map { try compute.add(middle, $0) } ?? middle
    }
}
