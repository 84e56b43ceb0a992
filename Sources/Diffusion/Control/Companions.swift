import Foundation
import Generation
import Images
import Prompting

/// What a request puts beside its checkpoint, opened and understood, no weight read yet.
struct Companions: Sendable {
    /// A ControlNet or T2I-Adapter and where it lies.
    struct Control: Sendable {
        let url: URL
        let network: ControlNetwork
    }

    /// In the order of the request's controls.
    var controls: [Control] = []
    /// In the order of the request's image prompts, those that act.
    var imagePrompts: [ImagePromptFile.Opened] = []
    /// A model that finishes what the checkpoint begins.
    var refiner: Checkpoint?
    /// Looks at the finished pictures; nil when the request does not want that.
    var safetyChecker: Checkpoint.Network<SafetyCheckerConfiguration>?
    /// The request's LoRAs and textual inversions.
    var adapters = AdapterSet()
    /// The textual inversions that the refiner reads too.
    var refinerWords = AdapterSet()

    /// The files that hold weights, by role: `control`, `control2`, ..., `refiner`,
    /// `safetyChecker`, `lora:NAME`.
    var weightFiles: [String: [URL]] {
        var files = adapters.files
        for (number, control) in controls.enumerated() {
            let role = number == 0 ? "control" : "control\(number + 1)"
            files[role] = control.network.tensors.files.sorted { $0.path < $1.path }
        }
        if let refiner {
            files["refiner"] = refiner.weightFiles.values.flatMap { $0 }.sorted {
                $0.path < $1.path
            }
        }
        if let safetyChecker {
            files["safetyChecker"] = safetyChecker.tensors.files.sorted { $0.path < $1.path }
        }
        for (number, prompt) in imagePrompts.enumerated() {
            let role = number == 0 ? "ipAdapter" : "ipAdapter\(number + 1)"
            files[role] = (prompt.adapter.tensors.files + prompt.encoder.tensors.files)
                .sorted { $0.path < $1.path }
        }
        return files
    }

    /// Bytes of all weights in memory at that many bytes a number.
    func weightBytes(elementBytes: Int) -> Int {
        var files: Set<URL> = []
        var count = 0
        for control in controls where files.insert(control.url).inserted {
            count += control.network.tensors.tensors.values.reduce(0) { $0 + $1.count }
        }
        count += refiner?.unet.tensors.tensors.values.reduce(0) { $0 + $1.count } ?? 0
        for prompt in imagePrompts where files.insert(prompt.url).inserted {
            for index in [prompt.adapter.tensors, prompt.encoder.tensors] {
                count += index.tensors.values.reduce(0) { $0 + $1.count }
            }
        }
        // The checker always works in 32 bits.
        let checker = safetyChecker?.tensors.tensors.values.reduce(0) { $0 + $1.count } ?? 0
        return count * elementBytes + checker * 4
    }
}

extension ModelLibrary {
    /// Opens what `request` puts beside `checkpoint`.
    ///
    /// - Throws: ``WeightsError``, `InvalidRequest` when a network was made for another model.
    func companions(
        for request: GenerationRequest, beside checkpoint: Checkpoint
    ) throws -> Companions {
        var companions = Companions()
        var problems: [RequestProblem] = []
        for control in request.controls {
            let url = place(control.model)
            let network = try ControlNetFile.open(url)
            if let misfit = network.misfit(
                with: checkpoint.unet.configuration, scale: checkpoint.vae.configuration.scale)
            {
                problems.append(
                    RequestProblem(
                        field: .controls, value: control.model,
                        reason: "was made for another base model: \(misfit)"))
            }
            problems += network.sizeProblems(
                of: DiffusionPass.all(of: request, checkpoint.vae.configuration),
                named: control.model)
            companions.controls.append(.init(url: url, network: network))
        }
        if let refiner = try refiner(for: request) {
            problems += refiner.misfits(refining: checkpoint, named: request.refiner ?? "")
            companions.refiner = refiner
            companions.refinerWords = try words(
                for: request.movingLoRATags().namingEmbeddings(known.embeddings(request.model)),
                on: refiner)
        }
        for prompt in request.actingImagePrompts {
            let opened = try ImagePromptFile.open(place(prompt.model))
            if let misfit = opened.adapter.configuration.misfit(
                with: checkpoint.unet.configuration)
            {
                problems.append(
                    RequestProblem(
                        field: .imagePrompts, value: prompt.model,
                        reason: "was made for another base model: \(misfit)"))
            }
            if let mask = prompt.mask,
                try !GrayImage(ImageFile.read(mask)).values.contains(where: { $0 >= 128 })
            {
                problems.append(
                    RequestProblem(
                        field: .imagePrompts, value: mask,
                        reason: "it has nothing white, so its picture would prompt nowhere"))
            }
            companions.imagePrompts.append(opened)
        }
        companions.safetyChecker = try safetyChecker(
            for: request, beside: checkpoint, problems: &problems)
        guard problems.isEmpty else { throw InvalidRequest(problems: problems) }
        companions.adapters = try adapters(
            for: request.movingLoRATags().namingEmbeddings(known.embeddings(request.model)),
            on: checkpoint)
        for sentence in request.idleFields(with: checkpoint.family) {
            companions.adapters.warn(sentence)
        }
        for tag in LoRATag.unreadable(in: request.effectivePrompt) {
            companions.adapters.warn(
                "\(tag) is read as text: a name and a number are needed, such as <lora:name:0.8>")
        }
        for weight in request.unreadableWeights {
            companions.adapters.warn(
                "the weight \(printable(weight)) is not a finite number and is read as text")
        }
        return companions
    }

    /// The checker that the request names, the model's own, or the first that is known.
    private func safetyChecker(
        for request: GenerationRequest, beside checkpoint: Checkpoint,
        problems: inout [RequestProblem]
    ) throws -> Checkpoint.Network<SafetyCheckerConfiguration>? {
        guard request.safety != .off else { return nil }
        let own = SafetyCheckerFile.inside(model: checkpoint.path)
        let named = request.safetyChecker.map { place($0) }
        if let url = named ?? own ?? known.safetyCheckers().first {
            return try SafetyCheckerFile.open(url)
        }
        problems.append(
            RequestProblem(
                field: .safety, value: request.safety.rawValue,
                reason: "there is no safety checker; name its folder with --safety-checker, or put "
                    + "it into the model's folder as \(SafetyCheckerFile.folderName)"))
        return nil
    }
}

extension ControlNetwork {
    /// Adapters read squares of pixels, which the sides must hold in whole numbers.
    fileprivate func sizeProblems(
        of passes: [DiffusionPass], named name: String
    ) -> [RequestProblem] {
        guard case .adapter(let network) = self else { return [] }
        let scale = network.configuration.scale
        guard
            let wrong = passes.first(where: { $0.width % scale != 0 || $0.height % scale != 0 })
        else { return [] }
        let part = wrong.isSecond ? " of the second pass" : ""
        return [
            RequestProblem(
                field: .controls, value: name,
                reason: "needs a width and a height\(part) that are multiples of \(scale), not "
                    + "\(wrong.width)x\(wrong.height)")
        ]
    }
}

extension Checkpoint {
    /// What keeps this model from refining the latents of `base`.
    fileprivate func misfits(refining base: Checkpoint, named name: String) -> [RequestProblem] {
        let (mine, other) = (vae.configuration, base.vae.configuration)
        guard unet.configuration.inChannels == base.unet.configuration.outChannels,
            mine.latentChannels == other.latentChannels, mine.scale == other.scale
        else {
            return [
                RequestProblem(
                    field: .refiner, value: name,
                    reason: "does not work on the latents of this base model")
            ]
        }
        // Latents of the older models mean something else to those that read sizes.
        guard family.readsSizes == base.family.readsSizes else {
            return [
                RequestProblem(
                    field: .refiner, value: name,
                    reason: "is \(family.title) and cannot refine \(base.family.title): their "
                        + "latents differ")
            ]
        }
        return []
    }
}
