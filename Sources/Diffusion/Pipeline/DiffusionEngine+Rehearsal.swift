import Generation
import Tensors

/// What is known of a request before any weight is read.
public struct Rehearsal: Hashable, Sendable {
    /// Bytes of memory at the peak of the run; where weights go is estimated as resident for `auto`.
    public let peakBytes: Int
    /// What the run would warn of.
    public let warnings: [String]
}

extension DiffusionEngine {
    /// Does everything of a run that comes before the work: opens the model and what the request
    /// puts beside it, compares names and shapes of their tensors, reads pictures and masks.
    ///
    /// - Parameters:
    ///   - request: its gaps are filled as ``generate(_:options:)`` would.
    ///   - options: as for the run.
    /// - Throws: what the run would throw before its first step, but for a lack of memory, which is
    ///   a warning here.
    public nonisolated func rehearse(
        _ request: GenerationRequest, options: ExecutionOptions = ExecutionOptions()
    ) async throws -> Rehearsal {
        let checkpoint = try await library.checkpoint(for: request)
        let resolved = try request.resolved(for: checkpoint)
            .namingEmbeddings(library.known.embeddings(request.model))
        let companions = try await library.companions(for: resolved, beside: checkpoint)
        var warnings = checkpoint.notes + companions.adapters.warnings
        warnings += try SDXLPipeline(checkpoint, options: ComputeOptions(threads: 1)).notes
        var run = try GenerationRun(resolved, options, checkpoint, companions) { _ in }
        warnings += run.prepared?.warnings ?? []
        if let lack = run.chooseResidence(checkpoint) { warnings.append(lack.summary) }
        return Rehearsal(
            peakBytes: run.peakBytes(checkpoint, streams: options.memory == .streamed),
            warnings: warnings)
    }
}
