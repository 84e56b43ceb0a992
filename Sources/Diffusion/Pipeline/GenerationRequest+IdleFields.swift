import Generation
import Prompting

extension GenerationRequest {
    /// What was asked for and changes nothing in this run, one sentence each: a run is better than a
    /// refusal, and silence would be taken for an effect.
    ///
    /// - Parameter family: the kind of the model that draws.
    func idleFields(with family: ModelFamily) -> [String] {
        var sentences: [String] = []
        if isGiven(.highNoiseFraction) {
            if refiner == nil {
                sentences.append("the base's share of the steps has no effect without a refiner")
            } else if refinerStrength != nil {
                sentences.append(
                    "the base's share of the steps has no effect: the refiner goes over the "
                        + "finished picture")
            }
        }
        if variationStrength > 0, variationSeed == nil {
            sentences.append("the variation's strength has no effect without a variation seed")
        }
        if variationSeed != nil, variationStrength == 0 {
            sentences.append("the variation seed has no effect at a strength of 0")
        }
        if safetyChecker != nil, safety == .off {
            sentences.append("the safety checker does not run: safety is off")
        }
        if guidanceStart >= guidanceEnd, (guidanceScale ?? 1) > 1 {
            sentences.append(
                "no step is guided: guidance begins at \(guidanceStart) and ends at \(guidanceEnd)")
        }
        if !family.readsSizes, prompt2 != nil || negativePrompt2 != nil {
            sentences.append(
                "the text for a second encoder is not read: \(family.title) has one encoder")
        }
        return sentences
    }

    /// Weights in the texts that are no numbers to work with.
    var unreadableWeights: [String] {
        guard promptWeighting != .none else { return [] }
        let texts = [effectivePrompt, effectiveNegativePrompt, effectivePrompt2, negativePrompt2]
        var found: [String] = []
        for text in texts {
            for weight in UnreadableWeight.found(in: text ?? "") where !found.contains(weight) {
                found.append(weight)
            }
        }
        return found
    }
}
