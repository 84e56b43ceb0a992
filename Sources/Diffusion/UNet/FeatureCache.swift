import Tensors

/// What the UNet's inner levels made at an earlier step, per number of pictures side by side.
///
/// DeepCache (Ma et al. 2024, "Accelerating Diffusion Models for Free"): from step to step the inner
/// levels change little, so between full steps only the outermost level runs.
final class FeatureCache {
    private var features: [Int: Tensor] = [:]

    /// What comes into the last expanding level, nil when a full step is due.
    subscript(count: Int) -> Tensor? {
        get { features[count] }
        set { features[count] = newValue }
    }

    /// Makes the next step a full one.
    func clear() { features = [:] }
}

extension PreparedConditioning {
    /// The last picture's part: with guidance that of the prompt.
    func last() throws -> PreparedConditioning {
        let range = (count - 1)..<count
        return PreparedConditioning(
            projections: try projections.map {
                PromptProjection(
                    key: try $0.key.entries(range), value: try $0.value.entries(range))
            }, added: try added?.entries(range), guidance: try guidance?.entries(range), count: 1)
    }
}
