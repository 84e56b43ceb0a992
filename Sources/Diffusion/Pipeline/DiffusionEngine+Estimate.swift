import Generation
import Tensors

extension DiffusionEngine {
    /// Bytes of memory that `request` takes at its peak, known before any weight is read.
    ///
    /// - Parameter request: with its gaps filled.
    /// - Throws: a `UserFacingError` when the model cannot be found or read.
    public nonisolated func estimatedPeakBytes(
        for request: GenerationRequest
    ) async throws -> Int {
        let checkpoint = try await library.checkpoint(for: request)
        let scale = checkpoint.vae.configuration.scale
        let filled = request.filled(from: checkpoint.defaults)
        let estimate = MemoryEstimate(
            checkpoint, precision: filled.precision == .f32 ? .float32 : .bfloat16)
        return estimate.peakBytes(
            height: (filled.height ?? 0) / scale, width: (filled.width ?? 0) / scale,
            branches: filled.guidanceScale ?? 1 > 1 ? 2 : 1)
    }
}
