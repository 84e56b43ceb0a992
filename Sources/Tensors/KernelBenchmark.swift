/// Times the products, attentions and norms of the full-size SDXL UNet, each shape by itself.
///
/// Weights and activations are synthetic and made in memory. The sum over all cases, each times
/// its count, is the time of one step without what lies between the operations.
public struct KernelBenchmark {
    /// One shape of one operation.
    public struct Result: Sendable, Equatable {
        /// What was run, e.g. "convolution 320 to 320 at 128x128".
        public var name: String
        public var kind: OperationKind
        /// How often one step runs it.
        public var count: Int
        /// Wall-clock seconds of one run: the best of the repeats.
        public var seconds: Double
        /// Multiplications and additions of one run.
        public var operations: Double

        /// 1e9 operations per second.
        public var rate: Double { seconds > 0 ? operations / seconds / 1e9 : 0 }
    }

    /// Height and width of the latents: an eighth of the picture's.
    public var latentHeight: Int
    public var latentWidth: Int
    /// Pictures times 2 with guidance.
    public var batch: Int
    /// Runs per shape after one that warms up.
    public var repeats: Int
    /// All channels are divided by this: 1 for the real network, 5 for quick tests.
    var divisor = 1

    /// A benchmark of a picture of `width` by `height` pixels, by default with guidance.
    public init(width: Int, height: Int, batch: Int = 2, repeats: Int = 2) {
        latentHeight = height / 8
        latentWidth = width / 8
        self.batch = batch
        self.repeats = repeats
    }

    /// Runs all cases; `progress` gets each result as it comes.
    public func run(
        in compute: Compute, progress: (Result) -> Void = { _ in }
    ) throws -> [Result] {
        try shapes.map { shape in
            let result = try measure(shape, in: compute)
            progress(result)
            return result
        }
    }

    /// Multiplications and additions of all products and attentions of one step.
    public var operationsPerStep: Double {
        shapes.filter { $0.kind != .norm }
            .map { $0.operations(batch: batch) * Double($0.count) }.reduce(0, +)
    }

    private var shapes: [BenchmarkShape] { convolutions + levels.flatMap(transformer) + norms }

    private func measure(_ shape: BenchmarkShape, in compute: Compute) throws -> Result {
        let operation = try shape.prepare(batch: batch, in: compute)
        var best = Double.infinity
        for run in 0...repeats {
            let start = ContinuousClock.now
            try operation()
            let seconds = (ContinuousClock.now - start).seconds
            if run > 0 || repeats == 0 { best = min(best, seconds) }
        }
        return Result(
            name: shape.name, kind: shape.kind, count: shape.count, seconds: best,
            operations: shape.operations(batch: batch))
    }

    /// The three resolutions: index, width of the blocks, transformer layers and blocks there.
    private struct Level {
        var index: Int
        var channels: Int
        var blocks: Int
        var layers: Int
    }

    private var levels: [Level] {
        [
            Level(index: 1, channels: 640 / divisor, blocks: 5, layers: 10),
            Level(index: 2, channels: 1280 / divisor, blocks: 6, layers: 60),
        ]
    }

    private func narrowed(_ channels: Int) -> Int { max(4, channels / divisor) }

    private func size(_ level: Int) -> (height: Int, width: Int) {
        (latentHeight >> level, latentWidth >> level)
    }

    /// 3x3 convolutions and 1x1 shortcuts as (inputs, outputs, level, kernel, count).
    private var convolutions: [BenchmarkShape] {
        let table: [(Int, Int, Int, Int, Int)] = [
            (4, 320, 0, 3, 1), (320, 320, 0, 3, 7), (960, 320, 0, 3, 1), (640, 320, 0, 3, 2),
            (640, 640, 0, 3, 1), (320, 4, 0, 3, 1), (960, 320, 0, 1, 1), (640, 320, 0, 1, 2),
            (320, 640, 1, 3, 1), (640, 640, 1, 3, 6), (1920, 640, 1, 3, 1),
            (1280, 640, 1, 3, 1), (960, 640, 1, 3, 1), (1280, 1280, 1, 3, 1),
            (320, 640, 1, 1, 1), (1920, 640, 1, 1, 1), (1280, 640, 1, 1, 1), (960, 640, 1, 1, 1),
            (640, 1280, 2, 3, 1), (1280, 1280, 2, 3, 10), (2560, 1280, 2, 3, 2),
            (1920, 1280, 2, 3, 1), (640, 1280, 2, 1, 1), (2560, 1280, 2, 1, 2),
            (1920, 1280, 2, 1, 1),
        ]
        return table.map { inputs, outputs, level, kernel, count in
            let size = size(level)
            return .convolution(
                inputs: narrowed(inputs), outputs: narrowed(outputs), kernel: kernel,
                height: size.height,
                width: size.width, count: count)
        }
    }

    private func transformer(_ level: Level) -> [BenchmarkShape] {
        let size = size(level.index), rows = size.height * size.width
        let width = level.channels, heads = width / 64
        return [
            .linear(inputs: width, outputs: width, rows: rows, count: 2 * level.blocks),
            .linear(inputs: width, outputs: 3 * width, rows: rows, count: level.layers),
            // Both output projections and the queries of cross-attention.
            .linear(inputs: width, outputs: width, rows: rows, count: 3 * level.layers),
            .gated(inputs: width, outputs: 4 * width, rows: rows, count: level.layers),
            .linear(inputs: 4 * width, outputs: width, rows: rows, count: level.layers),
            .attention(heads: heads, rows: rows, keys: rows, count: level.layers),
            .attention(heads: heads, rows: rows, keys: 77, count: level.layers),
            .layerNorm(channels: width, rows: rows, count: 3 * level.layers),
        ]
    }

    private var norms: [BenchmarkShape] {
        [(320, 0, 10), (640, 0, 3), (640, 1, 14), (1280, 1, 3), (1280, 2, 20), (2560, 2, 3)].map {
            channels, level, count in
            let size = size(level)
            return .groupNorm(
                channels: narrowed(channels), rows: size.height * size.width, count: count)
        }
    }
}
