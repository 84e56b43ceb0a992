/// Prompts that change while a picture is sampled: `[from:to:when]` and `[a|b]`, as
/// stable-diffusion-webui reads them (`get_learned_conditioning_prompt_schedules` in
/// modules/prompt_parser.py, version 1.10).
///
/// `when` is a step, or with a decimal point a share of the steps. `[to:when]` adds a text, `[from::when]`
/// removes one. `[a|b]` takes turns step by step. A prompt that the grammar does not cover, such as one
/// with a `|` outside square brackets, is ordinary text as a whole.
public enum PromptSchedule {
    /// The text that holds up to and including a step, counted from 1.
    public struct Entry: Hashable, Sendable {
        /// Last step with this text.
        public var lastStep: Int
        /// The prompt without schedule syntax; weights are still in it.
        public var text: String

        /// A text and the last step it is used for.
        public init(lastStep: Int, text: String) {
            self.lastStep = lastStep
            self.text = text
        }
    }

    /// The texts of a prompt in order; the last one's `lastStep` is `steps`.
    ///
    /// Steps between two entries use the later one. Neighbours may have the same text.
    ///
    /// - Parameters:
    ///   - prompt: without LoRA tags, which are taken out before.
    ///   - steps: at least 1.
    ///   - earlierSteps: steps of the pass before, for the second pass of a high-resolution run: there
    ///     steps count on from the first pass, and shares above 1 mean the second pass.
    public static func entries(
        for prompt: String, steps: Int, earlierSteps: Int? = nil
    ) -> [Entry] {
        let steps = max(1, steps)
        let pass = ScheduleTree.Pass(steps: steps, earlierSteps: earlierSteps)
        guard prompt.utf8.contains(where: { $0 == UInt8(ascii: "[") }),
            let tree = ScheduleTree(prompt)
        else { return [Entry(lastStep: steps, text: prompt)] }
        return tree.changes(in: pass).map {
            Entry(lastStep: $0, text: tree.text(at: $0, in: pass))
        }
    }

    /// The text for one step, counted from 1.
    public static func text(_ entries: [Entry], at step: Int) -> String {
        (entries.first { step <= $0.lastStep } ?? entries.last)?.text ?? ""
    }
}
