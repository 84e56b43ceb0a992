import Generation

/// Turns calls of the UNet into steps of the request: two-call solvers finish a step every other
/// call, and each step is reported once.
final class StepReporter {
    private let steps: Int
    private let image: Int
    private let imageCount: Int
    private let report: (GenerationEvent) -> Void
    private var last = 0

    init(steps: Int, image: Int, imageCount: Int, report: @escaping (GenerationEvent) -> Void) {
        self.steps = steps
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
        let step = min(steps, progress.call * steps / max(1, progress.calls))
        guard step > last else { return nil }
        last = step
        send(step)
        return step
    }

    private func send(_ step: Int) {
        report(.stage(.sampling(step: step, count: steps, image: image, imageCount: imageCount)))
    }
}
