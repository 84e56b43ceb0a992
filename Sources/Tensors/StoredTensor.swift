import CKernels

/// Weights as a file holds them: a view of bytes in PyTorch's layout, row-major.
///
/// @unchecked Sendable: the bytes are never written after creation, and `owner` keeps them alive.
public struct StoredTensor: @unchecked Sendable {
    /// The first byte; needs no alignment.
    public let pointer: UnsafeRawPointer
    public let byteCount: Int
    public let elementType: ElementType
    /// Sizes in PyTorch's order, e.g. [outputs, inputs, height, width].
    public let shape: [Int]
    /// Whether the bytes are those of a mapped file, whose pages can be given back.
    public let isMapped: Bool
    private let owner: any AnyObject & Sendable
    /// What is merged into the weights whenever they are prepared; nil: nothing.
    private(set) var merging: Merging?

    /// Gives the changes of weights.
    public typealias Merging = @Sendable (StoredTensor, Compute) throws -> WeightChange

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// A view of `shape` elements at `pointer`, which `owner` keeps alive.
    public init(
        pointer: UnsafeRawPointer, elementType: ElementType, shape: [Int],
        owner: any AnyObject & Sendable, isMapped: Bool = false
    ) {
        self.pointer = pointer
        self.isMapped = isMapped
        self.elementType = elementType
        self.shape = shape
        self.owner = owner
        byteCount = shape.reduce(1, *) * elementType.byteCount
    }

    /// A copy of `floats` as f32 weights; `floats` must have as many elements as `shape`.
    public init(floats: [Float], shape: [Int]) {
        precondition(floats.count == shape.reduce(1, *), "as many elements as the shape says")
        let bytes = StoredBytes(byteCount: floats.count * 4)
        floats.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            bytes.pointer.copyMemory(from: start, byteCount: source.count)
        }
        self.init(
            pointer: UnsafeRawPointer(bytes.pointer), elementType: .float32, shape: shape,
            owner: bytes)
    }

    /// The elements as f32.
    public func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, written in
            for index in 0..<count {
                buffer[index] = ck_float_from(pointer, elementType.code, index)
            }
            written = count
        }
    }

    /// The same weights, with changes that are merged in each time a product is prepared from them:
    /// only the changes have to stay in memory.
    public func merging(_ merging: @escaping Merging) -> StoredTensor {
        var other = self
        other.merging = merging
        return other
    }

    /// The weights that a product is prepared from, and what is added to them meanwhile.
    func changed(in compute: Compute) throws -> (weights: StoredTensor, change: LowRankChange?) {
        guard let merging else { return (self, nil) }
        switch try merging(self, compute) {
        case .lowRank(let change):
            try change.check(against: shape)
            return (self, change)
        case .replaced(let weights): return (weights, nil)
        }
    }

    /// Rows `range` of the first dimension, without a copy.
    public func rows(_ range: Range<Int>) -> StoredTensor {
        let row = shape.dropFirst().reduce(1, *) * elementType.byteCount
        return StoredTensor(
            pointer: pointer + range.lowerBound * row, elementType: elementType,
            shape: [range.count] + shape.dropFirst(), owner: owner, isMapped: isMapped)
    }

    /// The same elements under another shape of the same count.
    public func reshaped(_ shape: [Int]) -> StoredTensor {
        precondition(shape.reduce(1, *) == count, "the same number of elements")
        return StoredTensor(
            pointer: pointer, elementType: elementType, shape: shape, owner: owner,
            isMapped: isMapped)
    }

    /// Tells the system that the file's pages under this tensor are not needed for now.
    /// Does nothing where no file is mapped: anonymous memory would lose its contents.
    public func releaseMappedPages() {
        if isMapped { ck_discard_mapped(pointer, byteCount) }
    }

    /// Asks the system to read the mapped file's pages under this tensor, without waiting.
    func readAhead() {
        if isMapped { ck_read_ahead(pointer, byteCount) }
    }
}
