import ArgumentParser
import Generation

/// All options of `generate`, and their mapping to a request.
struct GenerateArguments: ParsableArguments {
    @OptionGroup(title: "Prompt") var prompt: PromptOptions
    @OptionGroup(title: "Model") var model: ModelOptions
    @OptionGroup(title: "Sampling") var sampling: SamplingOptions
    @OptionGroup(title: "Conditions") var conditions: ConditionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Running") var running: RunOptions

    @Option(
        name: .customLong("request"), parsing: .unconditional,
        help: ArgumentHelp(
            "A request as JSON; options given beside it win.", valueName: "file"))
    var requestFile: String?

    /// The fields that a preset must leave alone: those that differ from their default, and those
    /// that an option sets, if only to the default.
    func givenFields(_ request: GenerationRequest) -> Set<RequestField> {
        let options: [(RequestField, String?)] = [
            (.negativePrompt, prompt.negativePrompt), (.refiner, model.refiner),
            (.highNoiseFraction, model.highNoiseFraction),
            (.refinerStrength, model.refinerStrength), (.width, sampling.width),
            (.height, sampling.height), (.steps, sampling.steps), (.guidanceScale, sampling.cfg),
            (.guidanceStart, sampling.cfgStart), (.guidanceEnd, sampling.cfgEnd),
            (.featureReuse, sampling.reuseFeatures),
            (.guidanceRescale, sampling.cfgRescale), (.sampler, sampling.sampler),
            (.schedule, sampling.schedule), (.noiseSource, sampling.rng),
            (.variationStrength, sampling.variationStrength), (.clipSkip, prompt.clipSkip),
            (.promptWeighting, prompt.weighting), (.strength, conditions.strength),
            (.style, prompt.style), (.safety, model.safety),
            (.safetyChecker, model.safetyChecker), (.aestheticScore, model.aestheticScore),
            (.negativeAestheticScore, model.negativeAestheticScore), (.tiling, sampling.tiling),
            (.hires, sampling.hires), (.precision, model.precision),
            (.loras, model.lora.first),
        ]
        let set = options.compactMap { $0.1 == nil ? nil : $0.0 }
        return Set(RequestField.allCases.filter { request.isGiven($0) }).union(set)
    }

    /// The request that the options ask for; what cannot be read goes to the reader's problems.
    ///
    /// - Parameters:
    ///   - base: what `--request` holds, or nil.
    ///   - prompt: the prompt, already read from stdin where that was asked for.
    ///   - defaultBackend: the backend when nothing names one.
    ///   - drawSeed: draws a random seed, called at most once.
    func request(
        from base: GenerationRequest?, prompt text: String?, defaultBackend: String,
        reader: inout ArgumentReader, drawSeed: () -> UInt64
    ) -> GenerationRequest {
        var request = base ?? GenerationRequest(prompt: "")
        if base == nil {
            request.backend = defaultBackend
            if text == nil, requestFile == nil {
                reader.problems.add("PROMPT", "", "a prompt is needed; - reads it from stdin")
            }
        }
        if let text { request.prompt = text }
        if let name = model.backend.name { request.backend = name }
        prompt.apply(to: &request, &reader)
        model.apply(to: &request, &reader)
        sampling.apply(to: &request, &reader, drawSeed: drawSeed)
        conditions.apply(to: &request, &reader)
        return request
    }
}
