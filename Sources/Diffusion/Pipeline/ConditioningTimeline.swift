import Tensors

/// What the UNet is told at each call of a pass: prompts may change on the way.
final class ConditioningTimeline {
    private let unet: UNet2DConditionModel
    private let prompts: PromptTimeline
    private let branch: (EncodedPrompt, _ isNegative: Bool) throws -> UNet2DConditionModel.Branch
    /// The last used moments, the newest at the end; keys and values of a full-size network take
    /// tens of megabytes each.
    private var prepared: [(moment: Int, conditioning: PreparedConditioning)] = []
    private static let memory = 4

    /// - Parameter branch: one side of the guidance with its sizes.
    init(
        _ unet: UNet2DConditionModel, _ prompts: PromptTimeline,
        branch: @escaping (EncodedPrompt, Bool) throws -> UNet2DConditionModel.Branch
    ) {
        self.unet = unet
        self.prompts = prompts
        self.branch = branch
    }

    /// - Parameter call: counted from the first call of the pass.
    func at(call: Int) throws -> PreparedConditioning {
        let moment = prompts.moment(at: call)
        if let known = prepared.first(where: { $0.moment == moment }) { return known.conditioning }
        let sides = prompts.moments[moment]
        let made = try unet.prepare(
            try sides.enumerated().map { try branch($1, sides.count == 2 && $0 == 0) })
        prepared.append((moment, made))
        if prepared.count > Self.memory { prepared.removeFirst() }
        return made
    }
}
