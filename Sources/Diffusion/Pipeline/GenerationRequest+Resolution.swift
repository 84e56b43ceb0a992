import Generation
import Images
import Prompting
import Tensors

extension GenerationRequest {
    /// The request as the local engine runs it: checked, gaps filled, a seed drawn where none was
    /// given.
    ///
    /// - Throws: `InvalidRequest` with every problem.
    func resolved(for checkpoint: Checkpoint) throws -> GenerationRequest {
        var problems = problems(for: .local(checkpoint))
        if style != nil, expansion == nil {
            problems.append(
                RequestProblem(
                    field: .style, value: style ?? "",
                    reason: "a style acts through the expanded prompts, and there are none"))
        }
        if let reason = SchedulerRegistry.scheduleProblem(sampler, schedule) {
            problems.append(
                RequestProblem(field: .schedule, value: schedule.rawValue, reason: reason))
        }
        problems += controlProblems + aestheticProblems(checkpoint)
        var request = movingLoRATags()
        if let initImage, problems.isEmpty {
            _ = try ImageFile.size(at: initImage)
            request = request.filled(from: defaults(of: checkpoint))
            problems = request.problems(for: .local(checkpoint))
        }
        request = request.filled(from: checkpoint.defaults)
        problems += request.strengthProblems + request.hiresProblems
        guard problems.isEmpty else { throw InvalidRequest(problems: problems) }
        if request.seeds.isEmpty { request.seeds = [UInt64.random(in: 0...UInt64(UInt32.max))] }
        return request
    }

    /// What the model suggests; a picture that is worked on as a whole brings its own size.
    func defaults(of checkpoint: Checkpoint) -> RequestDefaults {
        var defaults = checkpoint.defaults
        // A picture that cannot be read is told when the request runs.
        guard let initImage, maskPadding == nil, var size = try? ImageFile.size(at: initImage)
        else { return defaults }
        if let outpaint {
            size = OutpaintCanvas.size(width: size.width, height: size.height, outpaint)
        }
        let scale = max(8, checkpoint.vae.configuration.scale)
        defaults.width = Self.side(size.width, scale)
        defaults.height = Self.side(size.height, scale)
        return defaults
    }

    /// Only refiners are told aesthetic scores.
    private func aestheticProblems(_ checkpoint: Checkpoint) -> [RequestProblem] {
        guard refiner == nil, checkpoint.family != .sdxlRefiner else { return [] }
        return [RequestField.aestheticScore, .negativeAestheticScore].filter { isGiven($0) }.map {
            RequestProblem(
                field: $0, value: value(of: $0).description,
                reason: "only a refiner is told it, and none takes part")
        }
    }

    private var controlProblems: [RequestProblem] {
        func problem(_ value: String, _ reason: String) -> RequestProblem {
            RequestProblem(field: .controls, value: value, reason: reason)
        }
        var problems: [RequestProblem] = []
        for control in controls {
            let name = control.preprocessor ?? "none"
            if ControlMap(rawValue: name) == nil {
                let known = ControlReference.preprocessors.joined(separator: ", ")
                problems.append(problem(name, "no such preprocessor; choose \(known) or none"))
            }
            if name == ControlMap.inpaint.rawValue, maskImage == nil {
                problems.append(problem(name, "needs --mask"))
            }
            let isPart = control.start >= 0 && control.start < control.end && control.end <= 1
            if !isPart {
                problems.append(
                    problem(
                        "\(control.start)-\(control.end)",
                        "the start must lie before the end, both from 0 to 1"))
            }
            if !control.scale.isFinite {
                problems.append(problem(control.model, "the scale must be a finite number"))
            }
        }
        return problems
    }

    private var strengthProblems: [RequestProblem] {
        guard initImage != nil, let steps, let strength,
            DiffusionPass.skippedSteps(steps, strength: strength) >= steps
        else { return [] }
        return [
            RequestProblem(
                field: .strength, value: String(strength),
                reason: "leaves none of \(steps) steps; raise it or --steps")
        ]
    }

    private var hiresProblems: [RequestProblem] {
        guard let hires else { return [] }
        var reason: String?
        let (width, height) = (Double(width ?? 0), Double(height ?? 0))
        if max(width, height) * hires.scale > 8192 { reason = "the sides would pass 8192 pixels" }
        guard let reason else { return [] }
        return [RequestProblem(field: .hires, value: hires.description, reason: reason)]
    }

    /// A picture's side as the model can have it.
    private static func side(_ pixels: Int, _ scale: Int) -> Int {
        max(64 / scale, pixels / scale) * scale
    }
}

extension Generation.Precision {
    /// The arithmetic that this CPU does well and that costs no quality to speak of.
    static var fastest: Generation.Precision {
        InstructionLevel.preferred >= .avx512BF16 ? .bf16 : .f32
    }

    /// What the engine offers on this CPU: int8 where it has instructions for it.
    static var offered: [Generation.Precision] {
        InstructionLevel.preferred.hasInt8 ? [.f32, .bf16, .int8] : [.f32, .bf16]
    }
}
