import Generation

/// Turns a request into a graph of ComfyUI's own nodes.
struct ComfyGraphBuilder: Sendable {
    let request: GenerationRequest
    let catalog: ComfyCatalog
    /// The server's names of uploaded pictures, by path.
    let uploads: [String: String]

    private let prompt: ServerPrompt
    private let text: String
    private let loras: [LoRAReference]

    init(request: GenerationRequest, catalog: ComfyCatalog, uploads: [String: String]) {
        self.request = request
        self.catalog = catalog
        self.uploads = uploads
        prompt = ServerPrompt(request)
        (text, loras) = prompt.resolved(request.loras)
    }

    /// The types of node whose description the graph depends on.
    static func types(for request: GenerationRequest) -> [String] {
        var types = ["CheckpointLoaderSimple", "KSampler"]
        if request.vae != nil { types.append("VAELoader") }
        let loras = ServerPrompt(request).resolved(request.loras).loras
        if !loras.isEmpty { types.append("LoraLoader") }
        if !request.controls.isEmpty {
            types += ["ControlNetLoader", "ControlNetApplyAdvanced"]
            types += request.controls.compactMap { $0.preprocessor.map(nodeType(ofPreprocessor:)) }
        }
        if request.refiner != nil { types += ["KSamplerAdvanced", "CLIPTextEncodeSDXLRefiner"] }
        if request.guidanceRescale > 0 { types.append("RescaleCFG") }
        if usesTwoTexts(request) { types.append("CLIPTextEncodeSDXL") }
        if request.hires != nil { types.append("LatentUpscaleBy") }
        if request.outpaint != nil { types.append("ImagePadForOutpaint") }
        return Array(Set(types)).sorted()
    }

    /// The graph for one seed.
    ///
    /// - Throws: ``RemoteError`` when the server lacks a node, a file or a name.
    func graph(seed: UInt64) throws -> ComfyGraph {
        for type in Self.types(for: request) where !catalog.types.contains(type) {
            throw RemoteError(
                .refused, "ComfyUI has no node \(printable(type, limit: 80)), which this needs",
                hint: "update ComfyUI or install the nodes")
        }
        var graph = ComfyGraph()
        var models = try load(&graph)
        var conditioning = encode(&graph, models.clip, size: (width, height))
        try control(&graph, &conditioning)
        if request.guidanceRescale > 0 {
            models.model =
                graph.add(
                    "RescaleCFG",
                    ["model": .link(models.model), "multiplier": .number(request.guidanceRescale)]
                )[0]
        }
        let start = try latents(&graph, models.vae)
        var samples = try sample(&graph, models, conditioning, start, seed: seed)
        if let hires = request.hires {
            samples = try enlarge(&graph, models, conditioning, samples, hires, seed: seed)
        }
        let decoded = graph.add(
            "VAEDecode", ["samples": .link(samples), "vae": .link(models.vae)])
        let prefix = request.extras["filename_prefix"] ?? "latent"
        _ = graph.add(
            "SaveImage", ["images": .link(decoded[0]), "filename_prefix": .text(prefix)])
        return graph
    }

    // MARK: Parts

    /// Model, text encoders and VAE.
    private struct Models {
        var model: ComfyGraph.Link
        var clip: ComfyGraph.Link
        var vae: ComfyGraph.Link
    }

    private struct Conditioning {
        var positive: ComfyGraph.Link
        var negative: ComfyGraph.Link
    }

    private var width: Int { request.width ?? 1024 }
    private var height: Int { request.height ?? 1024 }
    private var steps: Int { request.steps ?? 30 }

    private func load(_ graph: inout ComfyGraph) throws -> Models {
        let loader = graph.add(
            "CheckpointLoaderSimple", ["ckpt_name": .text(try checkpoint(request.model))])
        var models = Models(model: loader[0], clip: loader[1], vae: loader[2])
        for lora in loras {
            let name = try catalog.file(lora.name, "LoraLoader", "lora_name", what: "LoRA")
            let node = graph.add(
                "LoraLoader",
                [
                    "model": .link(models.model), "clip": .link(models.clip),
                    "lora_name": .text(name), "strength_model": .number(lora.weight),
                    "strength_clip": .number(lora.textEncoderWeight ?? lora.weight),
                ])
            models.model = node[0]
            models.clip = node[1]
        }
        if request.isGiven(.clipSkip), let clipSkip = request.clipSkip {
            models.clip =
                graph.add(
                    "CLIPSetLastLayer",
                    ["clip": .link(models.clip), "stop_at_clip_layer": .integer(-clipSkip)]
                )[0]
        }
        if let vae = request.vae {
            let name = try catalog.file(vae, "VAELoader", "vae_name", what: "VAE")
            models.vae = graph.add("VAELoader", ["vae_name": .text(name)])[0]
        }
        return models
    }

    private func checkpoint(_ wanted: String?) throws -> String {
        let (type, input) = ("CheckpointLoaderSimple", "ckpt_name")
        if let wanted { return try catalog.file(wanted, type, input, what: "checkpoint") }
        guard let first = catalog.names(type, input).first else {
            throw RemoteError(
                .notFound, "ComfyUI has no checkpoint", hint: "put one into its folder")
        }
        return first
    }

    private static func usesTwoTexts(_ request: GenerationRequest) -> Bool {
        request.prompt2?.isEmpty == false || request.negativePrompt2?.isEmpty == false
    }

    private func encode(
        _ graph: inout ComfyGraph, _ clip: ComfyGraph.Link, size: (Int, Int)
    ) -> Conditioning {
        func node(_ text: String, _ second: String?) -> ComfyGraph.Link {
            guard Self.usesTwoTexts(request) else {
                return graph.add("CLIPTextEncode", ["clip": .link(clip), "text": .text(text)])[0]
            }
            let other = second.flatMap { $0.isEmpty ? nil : $0 } ?? text
            return graph.add(
                "CLIPTextEncodeSDXL",
                [
                    "clip": .link(clip), "text_l": .text(text), "text_g": .text(other),
                    "width": .integer(size.0), "height": .integer(size.1), "crop_w": .integer(0),
                    "crop_h": .integer(0), "target_width": .integer(size.0),
                    "target_height": .integer(size.1),
                ])[0]
        }
        return Conditioning(
            positive: node(text, request.prompt2),
            negative: node(prompt.negative ?? "", request.negativePrompt2))
    }

    /// The node behind `--control-preprocess NAME`: ComfyUI's own Canny, others by their type.
    private static func nodeType(ofPreprocessor name: String) -> String {
        name.lowercased() == "canny" ? "Canny" : name
    }

    private func control(_ graph: inout ComfyGraph, _ conditioning: inout Conditioning) throws {
        for control in request.controls {
            let name = try catalog.file(
                control.model, "ControlNetLoader", "control_net_name", what: "ControlNet")
            let net = graph.add("ControlNetLoader", ["control_net_name": .text(name)])
            var image = try picture(&graph, control.image)
            if let preprocessor = control.preprocessor {
                var inputs: [String: ComfyGraph.Input] = ["image": .link(image)]
                if preprocessor.lowercased() == "canny" {
                    inputs["low_threshold"] = .number(0.4)
                    inputs["high_threshold"] = .number(0.8)
                }
                image = graph.add(Self.nodeType(ofPreprocessor: preprocessor), inputs)[0]
            }
            let node = graph.add(
                "ControlNetApplyAdvanced",
                [
                    "positive": .link(conditioning.positive),
                    "negative": .link(conditioning.negative), "control_net": .link(net[0]),
                    "image": .link(image), "strength": .number(control.scale),
                    "start_percent": .number(control.start), "end_percent": .number(control.end),
                ])
            conditioning = Conditioning(positive: node[0], negative: node[1])
        }
    }

    private func picture(_ graph: inout ComfyGraph, _ path: String) throws -> ComfyGraph.Link {
        graph.add("LoadImage", ["image": .text(try uploaded(path))])[0]
    }

    private func uploaded(_ path: String) throws -> String {
        guard let name = uploads[path] else {
            throw RemoteError(.malformed, "ComfyUI did not take \(printable(path, limit: 80))")
        }
        return name
    }

    /// Where sampling starts: empty, or an encoded picture.
    private func latents(
        _ graph: inout ComfyGraph, _ vae: ComfyGraph.Link
    ) throws -> ComfyGraph.Link {
        guard let path = request.initImage else {
            return graph.add(
                "EmptyLatentImage",
                [
                    "width": .integer(width), "height": .integer(height), "batch_size": .integer(1),
                ])[0]
        }
        let outpaint = request.outpaint ?? Outpaint(left: 0, top: 0, right: 0, bottom: 0)
        let pixels = graph.add(
            "ImageScale",
            [
                "image": .link(try picture(&graph, path)), "upscale_method": .text("lanczos"),
                "width": .integer(max(8, width - outpaint.left - outpaint.right)),
                "height": .integer(max(8, height - outpaint.top - outpaint.bottom)),
                "crop": .text("center"),
            ])
        if request.outpaint != nil {
            let padded = graph.add(
                "ImagePadForOutpaint",
                [
                    "image": .link(pixels[0]), "left": .integer(outpaint.left),
                    "top": .integer(outpaint.top), "right": .integer(outpaint.right),
                    "bottom": .integer(outpaint.bottom), "feathering": .integer(40),
                ])
            return repainted(&graph, vae, padded[0], padded[1], growth: 8)
        }
        guard let mask = request.maskImage else {
            return graph.add("VAEEncode", ["pixels": .link(pixels[0]), "vae": .link(vae)])[0]
        }
        let white = graph.add(
            "LoadImageMask", ["image": .text(try uploaded(mask)), "channel": .text("red")])
        // VAEEncodeForInpaint blanks the masked part, which suits full strength only.
        guard (request.strength ?? 1) < 1 else {
            return repainted(&graph, vae, pixels[0], white[0], growth: 6)
        }
        let encoded = graph.add("VAEEncode", ["pixels": .link(pixels[0]), "vae": .link(vae)])
        return graph.add(
            "SetLatentNoiseMask", ["samples": .link(encoded[0]), "mask": .link(white[0])])[0]
    }

    private func repainted(
        _ graph: inout ComfyGraph, _ vae: ComfyGraph.Link, _ pixels: ComfyGraph.Link,
        _ mask: ComfyGraph.Link, growth: Int
    ) -> ComfyGraph.Link {
        graph.add(
            "VAEEncodeForInpaint",
            [
                "pixels": .link(pixels), "vae": .link(vae), "mask": .link(mask),
                "grow_mask_by": .integer(growth),
            ])[0]
    }

    private func samplerInputs() throws -> [String: ComfyGraph.Input] {
        let sampler = request.sampler ?? .euler
        return [
            "steps": .integer(steps), "cfg": .number(request.guidanceScale ?? 7),
            "sampler_name": .text(
                try catalog.choice(
                    SamplerNames.allNames(of: sampler), "KSampler", "sampler_name", what: "sampler")
            ),
            "scheduler": .text(
                try catalog.choice(
                    SamplerNames.allNames(of: request.schedule), "KSampler", "scheduler",
                    what: "schedule")),
        ]
    }

    private func sample(
        _ graph: inout ComfyGraph, _ models: Models, _ conditioning: Conditioning,
        _ start: ComfyGraph.Link, seed: UInt64
    ) throws -> ComfyGraph.Link {
        if let refiner = request.refiner {
            return try refine(&graph, models, conditioning, start, refiner, seed: seed)
        }
        let denoise = request.initImage == nil ? 1 : request.strength ?? 1
        return try plainSampler(&graph, models, conditioning, start, seed, denoise: denoise)
    }

    private func plainSampler(
        _ graph: inout ComfyGraph, _ models: Models, _ conditioning: Conditioning,
        _ start: ComfyGraph.Link, _ seed: UInt64, denoise: Double
    ) throws -> ComfyGraph.Link {
        var inputs = try samplerInputs()
        inputs["model"] = .link(models.model)
        inputs["positive"] = .link(conditioning.positive)
        inputs["negative"] = .link(conditioning.negative)
        inputs["latent_image"] = .link(start)
        inputs["seed"] = .unsigned(seed)
        inputs["denoise"] = .number(denoise)
        return graph.add("KSampler", inputs)[0]
    }

    /// The ensemble of experts: the base model begins, the refiner ends.
    private func refine(
        _ graph: inout ComfyGraph, _ models: Models, _ conditioning: Conditioning,
        _ start: ComfyGraph.Link, _ refiner: String, seed: UInt64
    ) throws -> ComfyGraph.Link {
        let strength = request.initImage == nil ? 1 : request.strength ?? 1
        let first = Int((Double(steps) * (1 - strength)).rounded())
        let change = max(first, Int((Double(steps) * request.highNoiseFraction).rounded()))
        var inputs = try samplerInputs()
        inputs["noise_seed"] = .unsigned(seed)
        inputs["model"] = .link(models.model)
        inputs["positive"] = .link(conditioning.positive)
        inputs["negative"] = .link(conditioning.negative)
        inputs["latent_image"] = .link(start)
        inputs["add_noise"] = .text("enable")
        inputs["start_at_step"] = .integer(first)
        inputs["end_at_step"] = .integer(change)
        inputs["return_with_leftover_noise"] = .text("enable")
        let base = graph.add("KSamplerAdvanced", inputs)
        let loader = graph.add(
            "CheckpointLoaderSimple", ["ckpt_name": .text(try checkpoint(refiner))])
        func encoded(_ text: String, score: Double) -> ComfyGraph.Input {
            .link(
                graph.add(
                    "CLIPTextEncodeSDXLRefiner",
                    [
                        "ascore": .number(score), "width": .integer(width),
                        "height": .integer(height), "text": .text(text), "clip": .link(loader[1]),
                    ])[0])
        }
        inputs["model"] = .link(loader[0])
        inputs["positive"] = encoded(text, score: 6)
        inputs["negative"] = encoded(prompt.negative ?? "", score: 2.5)
        inputs["latent_image"] = .link(base[0])
        inputs["add_noise"] = .text("disable")
        inputs["start_at_step"] = .integer(change)
        inputs["end_at_step"] = .integer(10000)
        inputs["return_with_leftover_noise"] = .text("disable")
        return graph.add("KSamplerAdvanced", inputs)[0]
    }

    /// The second, larger pass.
    private func enlarge(
        _ graph: inout ComfyGraph, _ models: Models, _ conditioning: Conditioning,
        _ samples: ComfyGraph.Link, _ hires: HiresPass, seed: UInt64
    ) throws -> ComfyGraph.Link {
        let larger = graph.add(
            "LatentUpscaleBy",
            [
                "samples": .link(samples), "upscale_method": .text("bicubic"),
                "scale_by": .number(hires.scale),
            ])
        return try plainSampler(
            &graph, models, conditioning, larger[0], seed, denoise: hires.strength)
    }
}
