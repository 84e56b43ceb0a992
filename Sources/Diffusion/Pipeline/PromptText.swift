import Generation

/// What both text encoders read for one side of the guidance.
struct PromptText: Hashable, Sendable {
    /// For the first encoder.
    var first: String
    /// For the second encoder.
    var second: String
    /// Which hidden state is read, 1 the last.
    var skip: Int
    /// How brackets count.
    var weighting: PromptWeighting
}

extension GenerationRequest {
    /// The prompt as the encoders read it.
    var positiveText: PromptText {
        PromptText(
            first: effectivePrompt, second: prompt2 ?? effectivePrompt, skip: clipSkip,
            weighting: promptWeighting)
    }

    /// The negative prompt, nil when there is none at all.
    ///
    /// As in diffusers, clip skip acts on the positive prompt only: the negative one is always read
    /// at the penultimate layer.
    var negativeText: PromptText? {
        guard let first = effectiveNegativePrompt ?? (negativePrompt2 == nil ? nil : "") else {
            return nil
        }
        return PromptText(
            first: first, second: negativePrompt2 ?? first, skip: 2, weighting: promptWeighting)
    }
}
