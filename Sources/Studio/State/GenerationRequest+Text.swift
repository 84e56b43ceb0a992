import Generation
import Prompting

extension GenerationRequest {
    /// Whether what is drawn for two requests is the same: their texts, style and seeds are.
    func hasSameText(as other: GenerationRequest) -> Bool {
        prompt == other.prompt && (negativePrompt ?? "") == (other.negativePrompt ?? "")
            && (prompt2 ?? "") == (other.prompt2 ?? "")
            && (negativePrompt2 ?? "") == (other.negativePrompt2 ?? "") && style == other.style
            && seeds == other.seeds
    }

    /// Takes over what was drawn for the same text, with the LoRAs that its tags named then: the
    /// recorded expansion has no tags any more.
    mutating func takeDraws(of other: GenerationRequest) {
        guard other.expansion?.draws != nil else { return }
        expansion = other.expansion
        let tagged = Set(LoRATag.tags(in: other.prompt).map(\.name))
        loras += other.loras.filter { tagged.contains($0.name) }
    }
}
