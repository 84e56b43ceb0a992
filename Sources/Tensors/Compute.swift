import CKernels

/// Runs operations on tensors: a pool of threads, memory for activations, and the kernels.
///
/// Every operation cuts its work into tiles that depend on shapes alone and computes each element
/// in one fixed order: the same bits come out for any number of threads and any batch size.
/// Not Sendable: it and its tensors live inside one actor, and one operation runs at a time.
public final class Compute {
    public let options: ComputeOptions
    /// Seconds and operations per kind, collected while `isProfiling` is true.
    public internal(set) var profile = OperationProfile()
    public var isProfiling = false
    /// Along which axes convolutions see the opposite edge of a picture instead of zeros.
    public var wrap = ConvolutionWrap()
    /// What group normalisations share while a network runs over single pictures `[1, H, W, C]` in
    /// tiles; nil otherwise. They then throw ``GroupStatistics/Gathered``.
    public var groupStatistics: GroupStatistics?

    let arena: Arena
    let pool: OpaquePointer
    /// The streamed weights that ran last.
    weak var lastStreamed: ProductWeights?
    private let interruption = Interruption()

    /// Called before every operation and between its tiles, on the calling thread; what it throws
    /// ends the operation and is thrown from there.
    public var checkCancelled: (() throws -> Void)? {
        get { interruption.check }
        set { interruption.check = newValue }
    }

    /// Starts the threads and reserves addresses.
    public init(_ options: ComputeOptions = ComputeOptions()) throws(TensorError) {
        self.options = options
        arena = try Arena(capacity: options.arenaBytes)
        guard let pool = ck_pool_create(Int32(options.threads)) else {
            throw .outOfMemory(bytes: 0)
        }
        self.pool = pool
        ck_pool_set_stop(
            pool,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Interruption>.fromOpaque(context).takeUnretainedValue().stops()
            }, Unmanaged.passUnretained(interruption).toOpaque())
    }

    deinit { ck_pool_destroy(pool) }

    /// Lets threads of ordinary priority go before the calling thread, and before the workers of
    /// every `Compute` that it creates from now on. There is no way back.
    public static func giveWay() { ck_lower_priority(5) }

    public var precision: Precision { options.precision }

    /// The instructions in use.
    public var level: InstructionLevel { min(options.level, .best) }

    /// The most bytes of activations that were alive at once.
    public var peakActivationBytes: Int { arena.peakBytes }

    /// Bytes of activations alive now.
    public var activationBytes: Int { arena.usedBytes }

    /// Gives the memory of freed activations back to the system.
    public func trim() { arena.trim() }

    /// Runs one C operation under the cancellation check, and counts it.
    func run(_ kind: OperationKind, operations: Double = 0, _ body: () -> Int32) throws {
        try interruption.begin()
        let start = isProfiling ? ContinuousClock.now : nil
        let status = body()
        if let start {
            profile.add(
                kind, seconds: (ContinuousClock.now - start).seconds, operations: operations)
        }
        if let error = interruption.takeError() { throw error }
        switch status {
        case 0: return
        case 1: throw TensorError.stopped
        case 3: throw TensorError.unsupported(operation: "oneDNN product")
        default: throw TensorError.outOfMemory(bytes: 0)
        }
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
