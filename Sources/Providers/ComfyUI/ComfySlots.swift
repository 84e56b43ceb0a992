import Generation

/// What the slots of a workflow are filled with.
struct ComfySlots: Sendable {
    let request: GenerationRequest
    let uploads: [String: String]

    /// Values by slot.
    func values(seed: UInt64) -> [String: ComfyGraph.Input] {
        let prompt = ServerPrompt(request)
        var values: [String: ComfyGraph.Input] = [
            "prompt": .text(prompt.text), "negative_prompt": .text(prompt.negative ?? ""),
            "prompt_2": .text(request.prompt2 ?? prompt.text),
            "negative_prompt_2": .text(request.negativePrompt2 ?? prompt.negative ?? ""),
            "seed": .unsigned(seed),
            "scheduler": .text(SamplerNames.comfyName(of: request.schedule)),
            "denoise": .number(request.initImage == nil ? 1 : request.strength ?? 1),
        ]
        values["steps"] = request.steps.map { .integer($0) }
        values["cfg"] = request.guidanceScale.map { .number($0) }
        values["sampler"] = request.sampler.map { .text(SamplerNames.comfyName(of: $0)) }
        values["width"] = request.width.map { .integer($0) }
        values["height"] = request.height.map { .integer($0) }
        values["model"] = request.model.map { .text($0) }
        values["vae"] = request.vae.map { .text($0) }
        values["refiner"] = request.refiner.map { .text($0) }
        values["init_image"] = request.initImage.flatMap { uploads[$0] }.map { .text($0) }
        values["mask_image"] = request.maskImage.flatMap { uploads[$0] }.map { .text($0) }
        let control = request.extras["control_image"] ?? request.controls.first?.image
        values["control_image"] = control.flatMap { uploads[$0] }.map { .text($0) }
        return values
    }
}
