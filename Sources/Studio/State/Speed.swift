import Generation

/// Measured speed of backends, for the time that the current settings will take.
public struct Speed: Hashable, Sendable {
    /// What was measured last, by backend and model.
    private var measured: [String: Measurement] = [:]

    struct Measurement: Hashable, Sendable {
        /// Seconds of a step over a million pixels with guidance.
        var stepPerMegapixel: Double
        /// Seconds of everything that is not a step, per million pixels.
        var restPerMegapixel: Double
    }

    public init() {}

    /// Learns from a finished run: `seconds` is all of it that the next run takes as well, `step` one
    /// step of it.
    public mutating func learn(_ request: GenerationRequest, step: Double, seconds: Double) {
        guard let steps = request.steps, steps > 0, step > 0 else { return }
        let count = Double(max(1, request.seeds.count))
        let size = Self.megapixels(request)
        let rest = max(0, seconds - step * Double(steps) * count)
        measured[Self.key(request)] = Measurement(
            stepPerMegapixel: step / size / Self.passes(request),
            restPerMegapixel: rest / size / count)
    }

    /// Seconds that a request will take, with its gaps filled; nil: never measured.
    public func estimate(_ request: GenerationRequest, count: Int) -> Double? {
        guard let known = measured[Self.key(request)], let steps = request.steps else { return nil }
        let step = known.stepPerMegapixel * Self.passes(request)
        return Self.megapixels(request) * Double(max(1, count))
            * (step * Double(steps) + known.restPerMegapixel)
    }

    private static func key(_ request: GenerationRequest) -> String {
        request.backend + "\n" + (request.model ?? "")
    }

    private static func megapixels(_ request: GenerationRequest) -> Double {
        Double(request.width ?? 1024) * Double(request.height ?? 1024) / 1e6
    }

    /// Guidance at 1 or below runs the network once a step instead of twice.
    private static func passes(_ request: GenerationRequest) -> Double {
        (request.guidanceScale ?? 5) <= 1 ? 1 : 2
    }
}
