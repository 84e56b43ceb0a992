import Generation
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
        for tag in LoRATag.tags(in: effectivePrompt) {
            problems.append(
                RequestProblem(
                    field: .loras, value: tag.name, reason: "not supported by this backend yet"))
        }
        guard problems.isEmpty else { throw InvalidRequest(problems: problems) }
        var request = filled(from: checkpoint.defaults)
        if request.seeds.isEmpty { request.seeds = [UInt64.random(in: 0...UInt64(UInt32.max))] }
        return request
    }
}

extension Generation.Precision {
    /// The fastest arithmetic that this CPU does well.
    static var fastest: Generation.Precision {
        InstructionLevel.best >= .avx512BF16 ? .bf16 : .f32
    }
}
