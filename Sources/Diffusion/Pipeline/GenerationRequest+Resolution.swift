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
        problems += controlProblems
        for tag in LoRATag.tags(in: effectivePrompt) {
            problems.append(
                RequestProblem(
                    field: .loras, value: tag.name, reason: "not supported by this backend yet"))
        }
        var request = self
        if let initImage, problems.isEmpty {
            let size = try ImageFile.size(at: initImage)
            let scale = max(8, checkpoint.vae.configuration.scale)
            request.width = width ?? Self.side(size.width, scale)
            request.height = height ?? Self.side(size.height, scale)
            problems = request.problems(for: .local(checkpoint))
        }
        request = request.filled(from: checkpoint.defaults)
        problems += request.strengthProblems
        guard problems.isEmpty else { throw InvalidRequest(problems: problems) }
        if request.seeds.isEmpty { request.seeds = [UInt64.random(in: 0...UInt64(UInt32.max))] }
        return request
    }

    /// Steps of the schedule before the one at which an initial picture's strength begins.
    var skippedSteps: Int {
        guard initImage != nil, let steps, let strength else { return 0 }
        return max(0, steps - min(Int(Double(steps) * strength), steps))
    }

    private var controlProblems: [RequestProblem] {
        func problem(_ value: String, _ reason: String) -> RequestProblem {
            RequestProblem(field: .controls, value: value, reason: reason)
        }
        var problems: [RequestProblem] = []
        for control in controls {
            let name = control.preprocessor ?? "none"
            if ControlMap(rawValue: name) == nil {
                let known = ControlMap.allCases.map(\.rawValue).joined(separator: ", ")
                problems.append(problem(name, "no such preprocessor; there are \(known)"))
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
        guard initImage != nil, let steps, let strength, skippedSteps >= steps else { return [] }
        return [
            RequestProblem(
                field: .strength, value: String(strength),
                reason: "leaves none of \(steps) steps; raise it or --steps")
        ]
    }

    /// A picture's side as the model can have it.
    private static func side(_ pixels: Int, _ scale: Int) -> Int {
        max(64 / scale, pixels / scale) * scale
    }
}

extension Generation.Precision {
    /// The fastest arithmetic that this CPU does well.
    static var fastest: Generation.Precision {
        InstructionLevel.best >= .avx512BF16 ? .bf16 : .f32
    }
}
