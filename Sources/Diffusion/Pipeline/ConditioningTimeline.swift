import Tensors

/// What a network is told at each call of a pass: prompts may change on the way.
final class ConditioningTimeline {
    private let prepare: ([UNet2DConditionModel.Branch]) throws -> PreparedConditioning
    private let prompts: PromptTimeline
    private let branch: (EncodedPrompt, _ isNegative: Bool) throws -> UNet2DConditionModel.Branch
    /// The last used moments, the newest at the end; keys and values of a full-size network take
    /// tens of megabytes each.
    private var prepared: [(moment: Int, conditioning: PreparedConditioning)] = []
    private static let memory = 4

    /// - Parameters:
    ///   - branch: one side of the guidance with its sizes.
    ///   - prepare: the network's, which puts both sides together.
    init(
        _ prompts: PromptTimeline,
        branch: @escaping (EncodedPrompt, Bool) throws -> UNet2DConditionModel.Branch,
        prepare: @escaping ([UNet2DConditionModel.Branch]) throws -> PreparedConditioning
    ) {
        self.prepare = prepare
        self.prompts = prompts
        self.branch = branch
    }

    /// - Parameter call: counted from the first call of the pass.
    func at(call: Int) throws -> PreparedConditioning {
        let moment = prompts.moment(at: call)
        if let known = prepared.first(where: { $0.moment == moment }) { return known.conditioning }
        let sides = prompts.moments[moment]
        let made = try prepare(
            try sides.enumerated().map { try branch($1, sides.count == 2 && $0 == 0) })
        prepared.append((moment, made))
        if prepared.count > Self.memory { prepared.removeFirst() }
        return made
    }
}
