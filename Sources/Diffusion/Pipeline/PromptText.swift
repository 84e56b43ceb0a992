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
    ///
    /// An empty second text means the first one, as in diffusers (`prompt_2 or prompt`).
    ///
    /// - Parameter family: says which layer is read where the request does not.
    func positiveText(_ family: ModelFamily) -> PromptText {
        PromptText(
            first: effectivePrompt, second: effectivePrompt2.given ?? effectivePrompt,
            skip: clipSkip ?? family.clipSkip, weighting: promptWeighting)
    }

    /// The negative prompt, nil when there is none at all.
    ///
    /// As in diffusers, clip skip acts on the positive prompt only: the negative one is always read
    /// at the model's own layer. Unlike there, a second negative text counts without a first one:
    /// a field that was given is never ignored.
    func negativeText(_ family: ModelFamily) -> PromptText? {
        let second = effectiveNegativePrompt2.given
        guard let first = effectiveNegativePrompt ?? (second == nil ? nil : "") else { return nil }
        return PromptText(
            first: first, second: second ?? first, skip: family.clipSkip,
            weighting: promptWeighting)
    }
}

extension String? {
    /// The text unless it is empty.
    fileprivate var given: String? { self?.isEmpty == true ? nil : self }
}
