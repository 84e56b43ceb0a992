import Tensors

/// A prompt as the UNet reads it, with everything that depends on the prompt alone.
final class EncodedPrompt {
    /// Both encoders' states side by side, `[1, 77 * chunks, contextWidth]`.
    let context: Tensor
    /// The second encoder's pooled vector.
    let pooled: [Float]
    /// Keys and values of every cross-attention, made when a UNet first needs them.
    private var projections: [PromptProjection]?
    /// The UNet that made them: another LoRA is another network.
    private weak var projector: UNet2DConditionModel?

    init(context: Tensor, pooled: [Float]) {
        self.context = context
        self.pooled = pooled
    }

    /// Keys and values for `unet`, computed once.
    func projections(for unet: UNet2DConditionModel) throws -> [PromptProjection] {
        if let projections, projector === unet { return projections }
        let made = try unet.project(context)
        projections = made
        projector = unet
        return made
    }
}
