import Generation
import Prompting

extension GenerationRequest {
    /// The request with every `<lora:name:weight>` of its prompt moved into ``loras``; the prompt
    /// stays as typed, and the expansion has the text without tags.
    ///
    /// As in A1111 the first number acts on the encoders, and on the UNet unless a second one
    /// follows (or `te=` and `unet=` name them); tags of negative prompts are text. A tag replaces the same LoRA of the list, so
    /// that a recorded request can be run again.
    public func movingLoRATags() -> GenerationRequest {
        let (text, tags) = LoRATag.extract(from: effectivePrompt)
        let second = effectivePrompt2.map { LoRATag.extract(from: $0) }
        let all = tags + (second?.tags ?? [])
        guard !all.isEmpty else { return self }
        var request = self
        var expansion =
            expansion
            ?? PromptExpansion(prompt: text, negativePrompt: effectiveNegativePrompt)
        expansion.prompt = text
        if let second, !second.tags.isEmpty { expansion.prompt2 = second.text }
        request.expansion = expansion
        for tag in all {
            var reference = LoRAReference(name: tag.name, weight: tag.unetWeight ?? tag.weight)
            if tag.unetWeight != nil { reference.textEncoderWeight = tag.weight }
            reference.blockWeights = tag.blockWeights
            request.loras.removeAll { $0.name == tag.name }
            request.loras.append(reference)
        }
        return request
    }
}
