import Generation

/// Turns calls of the UNet into steps of the request: two-call solvers finish a step every other
/// call, and each step is reported once.
final class StepReporter {
    private let span: Span
    private let image: Int
    private let imageCount: Int
    private let report: (GenerationEvent) -> Void
    private var last = 0

    /// The steps of one pass within all of a picture.
    struct Span {
        /// Steps of the pass.
        let steps: Int
        /// Steps of the passes before it.
        var before = 0
        /// Steps of all passes.
        let count: Int
        /// The call at which the pass begins to count.
        var firstCall = 0
    }

    init(_ span: Span, image: Int, imageCount: Int, report: @escaping (GenerationEvent) -> Void) {
        self.span = span
        self.image = image
        self.imageCount = imageCount
        self.report = report
    }

    /// Announces the start.
    func start() {
        send(0)
    }

    /// Reports a finished step.
    ///
    /// - Returns: its number from 1, nil when the call finished none.
    func advance(_ progress: DenoisingLoop.Progress) -> Int? {
        let (call, calls) = (progress.call - span.firstCall, progress.calls - span.firstCall)
        let step = min(span.steps, call * span.steps / max(1, calls))
        guard step > last else { return nil }
        last = step
        send(step)
        return span.before + step
    }

    private func send(_ step: Int) {
        report(
            .stage(
                .sampling(
                    step: span.before + step, count: span.count, image: image,
                    imageCount: imageCount)))
    }
}
