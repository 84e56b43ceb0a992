import ArgumentParser
import Generation

/// Size, steps, solver, noise.
struct SamplingOptions: ParsableArguments {
    @Option(
        name: [.customShort("W"), .customLong("width")], parsing: .unconditional,
        help: ArgumentHelp("Pixels, a multiple of 8.", valueName: "n"))
    var width: String?

    @Option(
        name: [.customShort("H"), .customLong("height")], parsing: .unconditional,
        help: ArgumentHelp("Pixels, a multiple of 8.", valueName: "n"))
    var height: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Denoising steps, 1 to 1000.", valueName: "n"))
    var steps: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Guidance scale, 0 to 100.", valueName: "f"))
    var cfg: String?

    @Option(
        name: .customLong("cfg-rescale"), parsing: .unconditional,
        help: ArgumentHelp("Guidance rescale, 0 (off) to 1.", valueName: "f"))
    var cfgRescale: String?

    @Option(
        name: .customLong("cfg-start"), parsing: .unconditional,
        help: ArgumentHelp(
            "Where guidance begins, 0 to 1 of the schedule (default 0).", valueName: "f"))
    var cfgStart: String?

    @Option(
        name: .customLong("cfg-end"), parsing: .unconditional,
        help: ArgumentHelp(
            "Where it ends; steps without it cost half (default 1).", valueName: "f"))
    var cfgEnd: String?

    @Option(
        name: .customLong("reuse-features"), parsing: .unconditional,
        help: ArgumentHelp(
            "Run the UNet's inner levels every n steps only (default 1).", valueName: "n"))
    var reuseFeatures: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "euler, dpmpp-2m, unipc, ...; names of diffusers, A1111 and ComfyUI are understood.",
            valueName: "name"))
    var sampler: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "default, karras, exponential, beta, sgm-uniform, trailing, align-your-steps.",
            valueName: "name"))
    var schedule: String?

    @Option(
        name: [.customShort("s"), .customLong("seed")], parsing: .unconditional,
        help: ArgumentHelp(
            "One picture per seed; default: random.", valueName: "n[,n...]|random"))
    var seed: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Pictures: seed, seed+1, ...", valueName: "n"))
    var count: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Noise of torch's CPU generator or CUDA's philox.", valueName: "name"))
    var rng: String?

    @Option(
        name: .customLong("variation-seed"), parsing: .unconditional,
        help: ArgumentHelp("A second seed whose noise is mixed in.", valueName: "n"))
    var variationSeed: String?

    @Option(
        name: .customLong("variation-strength"), parsing: .unconditional,
        help: ArgumentHelp("How much of it, 0 to 1.", valueName: "f"))
    var variationStrength: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Seamless edges: none, x, y, both.", valueName: "axis"))
    var tiling: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A second, larger pass over enlarged latents or pixels.",
            valueName: "scale[:strength[:what]]"))
    var hires: String?

    func apply(
        to request: inout GenerationRequest, _ reader: inout ArgumentReader,
        drawSeed: () -> UInt64
    ) {
        if let width = reader.integer("--width", width) { request.width = width }
        if let height = reader.integer("--height", height) { request.height = height }
        if let steps = reader.integer("--steps", steps) { request.steps = steps }
        if let scale = reader.number("--cfg", cfg) { request.guidanceScale = scale }
        if let rescale = reader.number("--cfg-rescale", cfgRescale) {
            request.guidanceRescale = rescale
        }
        if let start = reader.number("--cfg-start", cfgStart) { request.guidanceStart = start }
        if let end = reader.number("--cfg-end", cfgEnd) { request.guidanceEnd = end }
        if let steps = reader.integer("--reuse-features", reuseFeatures) {
            request.featureReuse = steps
        }
        applySolver(to: &request, &reader)
        if let name: NoiseSourceName = reader.choice("--rng", rng) { request.noiseSource = name }
        if let seed = reader.seed("--variation-seed", variationSeed) {
            request.variationSeed = seed
        }
        if let strength = reader.number("--variation-strength", variationStrength) {
            request.variationStrength = strength
        }
        if let mode: TilingMode = reader.choice("--tiling", tiling) { request.tiling = mode }
        if let hires { request.hires = Self.hires(hires, &reader) ?? request.hires }
        request.seeds = SeedChoice(seed: seed, count: count, recorded: request.seeds, &reader)
            .seeds(drawSeed: drawSeed)
    }

    private func applySolver(to request: inout GenerationRequest, _ reader: inout ArgumentReader) {
        if let sampler {
            if let found = SamplerNames.read(sampler) {
                request.sampler = found.sampler
                if let schedule = found.schedule { request.schedule = schedule }
            } else {
                let names = Sampler.allCases.map(\.rawValue).joined(separator: ", ")
                reader.problems.add("--sampler", sampler, "one of \(names) is needed")
            }
        }
        if let schedule {
            if let found = SamplerNames.readSchedule(schedule) {
                request.schedule = found
            } else {
                let names = Schedule.allCases.map(\.rawValue).joined(separator: ", ")
                reader.problems.add("--schedule", schedule, "one of \(names) is needed")
            }
        }
    }

    /// `SCALE`, `SCALE:STRENGTH` or `SCALE:STRENGTH:latent|pixels`.
    private static func hires(_ text: String, _ reader: inout ArgumentReader) -> HiresPass? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.prefix(2).compactMap { Double($0) }
        let upscaler = parts.count > 2 ? HiresPass.Upscaler(rawValue: parts[2].lowercased()) : nil
        guard numbers.count == min(parts.count, 2), parts.count <= 3,
            (upscaler == nil) == (parts.count < 3), numbers[0] > 1, numbers[0] <= 8,
            numbers.count == 1 || (0...1).contains(numbers[1])
        else {
            reader.problems.add(
                "--hires", text,
                "SCALE[:STRENGTH[:latent|pixels]] is needed, SCALE above 1 and up to 8, STRENGTH "
                    + "from 0 to 1")
            return nil
        }
        var pass = HiresPass(scale: numbers[0])
        if numbers.count == 2 { pass.strength = numbers[1] }
        if let upscaler { pass.upscaler = upscaler }
        return pass
    }
}
