import Generation
import Tensors

extension DiffusionEngine {
    /// Bytes of memory that `request` takes at its peak, known before any weight is read.
    ///
    /// - Parameters:
    ///   - request: with its gaps filled.
    ///   - memory: where weights live; `auto` is estimated as resident.
    /// - Throws: a `UserFacingError` when the model cannot be found or read.
    public nonisolated func estimatedPeakBytes(
        for request: GenerationRequest, memory: ExecutionOptions.Memory = .auto
    ) async throws -> Int {
        let checkpoint = try await library.checkpoint(for: request)
        let scale = checkpoint.vae.configuration.scale
        let filled = request.filled(from: checkpoint.defaults)
        var options = ComputeOptions()
        options.precision = filled.precision == .f32 ? .float32 : .bfloat16
        options.quantizes = filled.precision == .int8
        let estimate = MemoryEstimate(checkpoint, options, streams: memory == .streamed)
        return estimate.peakBytes(
            height: (filled.height ?? 0) / scale, width: (filled.width ?? 0) / scale,
            branches: filled.guidanceScale ?? 1 > 1 ? 2 : 1)
    }
}
