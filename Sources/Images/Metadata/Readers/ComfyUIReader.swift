import Generation

/// Reads ComfyUI's `prompt` chunk: walks the graph from the picture back to the sampler, and from
/// there to texts, models and sizes.
enum ComfyUIReader {
    static func read(_ texts: MetadataTexts) -> PictureMetadata? {
        guard let json = texts.json("prompt") ?? texts.json("Prompt") else {
            guard texts.json("workflow")?["nodes"] != nil else { return nil }
            var metadata = PictureMetadata()
            metadata.tool = .comfyUI
            metadata.warn("only the drawing of the workflow is recorded, not what was run")
            return metadata
        }
        guard let graph = ComfyUIGraph(json), let sampler = finalSampler(of: graph) else {
            return nil
        }
        return ComfyUIWalk(graph: graph, sampler: sampler).metadata()
    }

    static func isSampler(_ node: ComfyUIGraph.Node) -> Bool {
        let hasNoise = node["seed"] != nil || node["noise_seed"] != nil || node["noise"] != nil
        return hasNoise && (node["latent_image"] != nil || node["positive"] != nil)
            || node.kind.hasPrefix("KSampler") && node["steps"] != nil
            || node.kind == "SamplerCustomAdvanced"
    }

    /// The sampler whose latents became the saved picture; failing that, the last sampler.
    private static func finalSampler(of graph: ComfyUIGraph) -> ComfyUIGraph.Node? {
        let outputs = graph.sortedNodes.filter { node in
            node.kind.hasPrefix("SaveImage") || node.kind.hasPrefix("PreviewImage")
                || node.kind.contains("Save")
        }
        let inputs = ["images", "image", "samples", "latent", "pixels", "latent_image"]
        for output in outputs {
            let found = graph.first(from: output, through: inputs, where: isSampler)
            if let found { return found }
        }
        return graph.sortedNodes.last(where: isSampler)
    }
}

/// One walk over a graph.
private struct ComfyUIWalk {
    let graph: ComfyUIGraph
    let sampler: ComfyUIGraph.Node
    private var result = PictureMetadata()
    private var request = GenerationRequest(prompt: "")

    init(graph: ComfyUIGraph, sampler: ComfyUIGraph.Node) {
        self.graph = graph
        self.sampler = sampler
    }

    func metadata() -> PictureMetadata {
        var walk = self
        walk.result.tool = .comfyUI
        walk.request.promptWeighting = .comfy
        walk.request.noiseSource = .torch
        let base = walk.readPasses()
        walk.readSampling(base)
        walk.readTexts(base)
        walk.readModel(base)
        walk.result.warnStochasticSampler(of: walk.request)
        walk.result.request = walk.request
        return walk.result
    }

    // MARK: Passes

    /// Finds the first sampler of a chain: the base of a refiner, or the small first pass.
    private mutating func readPasses() -> ComfyUIGraph.Node {
        let inputs = ["latent_image", "samples", "latent", "pixels", "image"]
        let chain = graph.path(from: sampler, through: inputs).filter(ComfyUIReader.isSampler)
        guard let base = chain.last, chain.count > 1 else { return sampler }
        if graph.number(sampler, "add_noise")?.text == "disable",
            let steps = graph.number(sampler, "steps")?.integer, steps > 0,
            let start = graph.number(sampler, "start_at_step")?.integer
        {
            request.refiner = checkpoint(of: sampler)
            request.highNoiseFraction = min(1, max(0, Double(start) / Double(steps)))
        } else {
            let strength = graph.number(sampler, "denoise")?.double ?? 0.5
            let path = graph.path(from: sampler, through: inputs)
            let scale = path.compactMap { graph.number($0, "scale_by")?.double }.first
            request.hires = HiresPass(scale: scale ?? 2, strength: strength)
            result.warn("it was sampled in \(chain.count) passes; the second is approximated")
        }
        return base
    }

    // MARK: Sampling

    private mutating func readSampling(_ node: ComfyUIGraph.Node) {
        let noise = graph.source(node, "noise") ?? node
        let seed = graph.number(noise, "noise_seed") ?? graph.number(noise, "seed")
        request.seeds = seed?.unsigned.map { [$0] } ?? []
        let guider = graph.source(node, "guider") ?? node
        request.guidanceScale = graph.number(guider, "cfg")?.double
        let sigmas = graph.source(node, "sigmas") ?? node
        request.steps = graph.number(sigmas, "steps")?.integer
        let chosen = graph.source(node, "sampler") ?? node
        result.setSampler(
            graph.number(chosen, "sampler_name")?.text, schedule: schedule(sigmas), in: &request)
        readSize(node, denoise: graph.number(sigmas, "denoise")?.double ?? 1)
    }

    private func schedule(_ sigmas: ComfyUIGraph.Node) -> String? {
        switch sigmas.kind {
        case "KarrasScheduler": "karras"
        case "ExponentialScheduler": "exponential"
        case "AlignYourStepsScheduler": "ays"
        case "SDTurboScheduler": "simple"
        default: graph.number(sigmas, "scheduler")?.text
        }
    }

    private mutating func readSize(_ node: ComfyUIGraph.Node, denoise: Double) {
        let path = graph.path(
            from: graph.source(node, "latent_image"),
            through: ["samples", "latent", "pixels", "image"])
        let empty = path.first { $0["width"] != nil && $0["batch_size"] != nil }
        if let empty {
            request.width = graph.number(empty, "width")?.integer
            request.height = graph.number(empty, "height")?.integer
            if let count = graph.number(empty, "batch_size")?.integer, count > 1 {
                result.warn("it is one of a batch of \(count), whose noise was drawn in one piece")
            }
        } else if let load = path.first(where: { $0.kind.hasPrefix("LoadImage") }) {
            let name = load["image"]?.text ?? "unknown"
            result.warn(
                "it was made from the picture \(name), which is not here; give it with --init")
        }
        if denoise < 1, empty == nil { request.strength = nil }
    }

    // MARK: Texts

    private mutating func readTexts(_ node: ComfyUIGraph.Node) {
        let guider = graph.source(node, "guider") ?? node
        let positive = graph.source(guider, "positive") ?? graph.source(guider, "conditioning")
        let texts = encodedTexts(positive)
        request.prompt = texts.first
        request.prompt2 = texts.second
        let negative = encodedTexts(graph.source(guider, "negative"))
        request.negativePrompt = negative.first
        request.negativePrompt2 = negative.second
        if request.negativePrompt != nil, negative.isZero { request.negativePrompt = nil }
    }

    private mutating func encodedTexts(
        _ start: ComfyUIGraph.Node?
    ) -> (first: String, second: String?, isZero: Bool) {
        let inputs = [
            "conditioning", "positive", "conditioning_1", "conditioning_to", "negative",
        ]
        let path = graph.path(from: start, through: inputs)
        for node in path {
            if node["conditioning_1"] != nil || node["conditioning_to"] != nil {
                result.warn("several prompts were combined (\(node.kind)); only the first is read")
            }
            if node.kind.contains("ControlNet") {
                result.warn("a ControlNet is not carried over: its picture is not recorded")
            }
        }
        let isZero = path.contains { $0.kind == "ConditioningZeroOut" }
        guard let encoder = path.last else { return ("", nil, false) }
        // In ComfyUI's node for SDXL, l is the first encoder, g the second.
        if let first = graph.text(encoder, "text_l"), let second = graph.text(encoder, "text_g") {
            return (first, second == first ? nil : second, isZero)
        }
        let text = ["text", "prompt", "positive", "string"]
            .compactMap { graph.text(encoder, $0) }.first
        if text == nil { result.warn("the prompt comes from \(encoder.kind), which is not known") }
        return (text ?? "", nil, isZero)
    }

    // MARK: Models

    private mutating func readModel(_ node: ComfyUIGraph.Node) {
        let guider = graph.source(node, "guider") ?? node
        let path = graph.path(from: graph.source(guider, "model"), through: ["model"])
        for step in path {
            if let lora = step["lora_name"]?.filledText {
                let weight = graph.number(step, "strength_model")?.double ?? 1
                request.loras.append(LoRAReference(name: lora, weight: weight))
            }
            if step.kind == "RescaleCFG" {
                request.guidanceRescale = graph.number(step, "multiplier")?.double ?? 0
            }
            if ["FreeU", "FreeU_V2", "PatchModelAddDownscale", "IPAdapter"].contains(step.kind) {
                result.warn("\(step.kind) changes the model and has no counterpart")
            }
        }
        request.loras.reverse()
        request.model = checkpoint(of: node)
        readClipSkip(guider)
        let decode = graph.sortedNodes.first { $0.kind.hasPrefix("VAEDecode") }
        request.vae = graph.source(decode, "vae")?["vae_name"]?.filledText
    }

    private func checkpoint(of node: ComfyUIGraph.Node) -> String? {
        let guider = graph.source(node, "guider") ?? node
        let path = graph.path(from: graph.source(guider, "model"), through: ["model"])
        let names = ["ckpt_name", "unet_name", "model_name", "base_ckpt_name"]
        return path.lazy.compactMap { step in
            names.lazy.compactMap { step[$0]?.filledText }.first
        }.first
    }

    private mutating func readClipSkip(_ guider: ComfyUIGraph.Node) {
        let encoder = graph.path(
            from: graph.source(guider, "positive"), through: ["conditioning", "positive"]
        ).last
        let path = graph.path(from: graph.source(encoder, "clip"), through: ["clip"])
        let layer = path.compactMap { graph.number($0, "stop_at_clip_layer")?.integer }.first
        if let layer, (-12 ... -1).contains(layer) { request.clipSkip = -layer }
    }
}
