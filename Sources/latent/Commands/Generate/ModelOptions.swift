import ArgumentParser
import Generation

/// Which backend and which weights.
struct ModelOptions: ParsableArguments {
    @OptionGroup var backend: BackendOptions

    @Option(
        name: [.customShort("m"), .customLong("model")], parsing: .unconditional,
        help: ArgumentHelp(
            "A diffusers folder, a .safetensors checkpoint or a known name; default: the embedded "
                + "model.", valueName: "name|path"))
    var model: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Replaces the checkpoint's VAE.", valueName: "path"))
    var vae: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Takes over for the end of the schedule.", valueName: "name|path"))
    var refiner: String?

    @Option(
        name: .customLong("high-noise-fraction"), parsing: .unconditional,
        help: ArgumentHelp(
            "Share of the schedule on the base model, 0 to 1 (default 0.8).", valueName: "f"))
    var highNoiseFraction: String?

    @Option(
        name: .customLong("refiner-strength"), parsing: .unconditional,
        help: ArgumentHelp(
            "Runs the refiner over the finished picture instead, 0 to 1.", valueName: "f"))
    var refinerStrength: String?

    @Option(
        name: .customLong("aesthetic-score"), parsing: .unconditional,
        help: ArgumentHelp(
            "What a refiner is told of the picture's appeal, 0 to 10 (default 6).", valueName: "f"))
    var aestheticScore: String?

    @Option(
        name: .customLong("negative-aesthetic-score"), parsing: .unconditional,
        help: ArgumentHelp(
            "The same beside the negative prompt (default 2.5).", valueName: "f"))
    var negativeAestheticScore: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A LoRA; repeatable. More fields: te=F for the text encoders, lbw=F,F,... for blocks.",
            valueName: "name|path[:weight]"))
    var lora: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A textual inversion; repeatable.", valueName: "token=path"))
    var embedding: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "f32, bf16 or int8; default: the fastest that this CPU does well.", valueName: "name"))
    var precision: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Safety checker: off (default), flag, blur, block.", valueName: "mode"))
    var safety: String?

    @Option(
        name: .customLong("safety-checker"), parsing: .unconditional,
        help: ArgumentHelp(
            "Its folder; default: safety_checker in the model's folder, or a known one.",
            valueName: "name|path"))
    var safetyChecker: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A field that only the remote backend has; repeatable. `latent backends list NAME` "
                + "names them.", valueName: "field=value"))
    var extra: [String] = []

    func apply(to request: inout GenerationRequest, _ reader: inout ArgumentReader) {
        for text in extra { Self.apply(extra: text, to: &request, &reader) }
        if let model { request.model = model }
        if let vae { request.vae = vae }
        if let refiner { request.refiner = refiner }
        if let fraction = reader.number("--high-noise-fraction", highNoiseFraction) {
            request.highNoiseFraction = fraction
        }
        if let strength = reader.number("--refiner-strength", refinerStrength) {
            request.refinerStrength = strength
        }
        if let score = reader.number("--aesthetic-score", aestheticScore) {
            request.aestheticScore = score
        }
        if let score = reader.number("--negative-aesthetic-score", negativeAestheticScore) {
            request.negativeAestheticScore = score
        }
        if !lora.isEmpty { request.loras = lora.compactMap { Self.lora($0, &reader) } }
        if !embedding.isEmpty {
            request.embeddings = embedding.compactMap { Self.embedding($0, &reader) }
        }
        if let name: Precision = reader.choice("--precision", precision) {
            request.precision = name
        }
        if let mode: SafetyMode = reader.choice("--safety", safety) { request.safety = mode }
        if let safetyChecker { request.safetyChecker = safetyChecker }
    }

    /// What `--lora` was given.
    static func lora(_ text: String, _ reader: inout ArgumentReader) -> LoRAReference? {
        do throws(LoRAReference.ArgumentProblem) {
            return try LoRAReference(argument: text)
        } catch {
            let reason =
                switch error {
                case .needsNumbers(let key): "\(key)= needs numbers"
                case .badWeight: "NAME or NAME:WEIGHT with a number is needed"
                case .noName: "the name is missing"
                }
            reader.problems.add("--lora", text, reason)
            return nil
        }
    }

    private static func apply(
        extra text: String, to request: inout GenerationRequest, _ reader: inout ArgumentReader
    ) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            return reader.problems.add("--extra", text, "FIELD=VALUE is needed")
        }
        request.extras[String(parts[0])] = String(parts[1])
    }

    private static func embedding(
        _ text: String, _ reader: inout ArgumentReader
    ) -> EmbeddingReference? {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else {
            reader.problems.add("--embedding", text, "TOKEN=PATH is needed")
            return nil
        }
        return EmbeddingReference(token: String(parts[0]), path: String(parts[1]))
    }
}
