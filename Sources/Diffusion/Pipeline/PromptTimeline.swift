import Generation
import Prompting

/// The encoded prompts of a pass, call by call.
struct PromptTimeline {
    /// What is read at different times: the prompt alone, or the negative one before it.
    let moments: [[EncodedPrompt]]
    /// Which of ``moments`` holds at each call; the last one goes on.
    let order: [Int]

    func moment(at call: Int) -> Int { order[min(call, order.count - 1)] }
}

/// The texts of a pass, call by call, before they are encoded.
struct PromptTexts {
    /// One side of the guidance per element: the prompt alone, or the negative one before it.
    private(set) var moments: [[PromptText?]] = []
    /// Which of ``moments`` holds at each call.
    private(set) var order: [Int] = []

    /// - Parameters:
    ///   - sides: the texts as typed, with prompt editing in them.
    ///   - steps: calls of the whole schedule.
    ///   - earlierSteps: calls of the pass before, for a second pass.
    init(_ sides: [PromptText?], steps: Int, earlierSteps: Int? = nil) {
        let schedules = sides.map { text in
            text.map { ScheduledText($0, steps: steps, earlierSteps: earlierSteps) }
        }
        guard schedules.contains(where: { $0?.changes ?? false }) else {
            moments = [schedules.map { $0?.text(at: 0) }]
            order = [0]
            return
        }
        var known: [[PromptText?]: Int] = [:]
        for call in 0..<max(1, steps) {
            let moment = schedules.map { $0?.text(at: call) }
            let index = known[moment] ?? moments.count
            if index == moments.count {
                known[moment] = index
                moments.append(moment)
            }
            order.append(index)
        }
    }
}

/// A prompt for both encoders whose texts change with the steps.
private struct ScheduledText {
    private let text: PromptText
    private let first: [PromptSchedule.Entry]
    private let second: [PromptSchedule.Entry]

    init(_ text: PromptText, steps: Int, earlierSteps: Int?) {
        self.text = text
        // Brackets are plain text elsewhere: prompt editing is A1111's.
        guard text.weighting == .a1111 else {
            (first, second) = ([], [])
            return
        }
        let read = {
            PromptSchedule.entries(for: $0, steps: steps, earlierSteps: earlierSteps)
        }
        first = read(text.first)
        second = text.second == text.first ? first : read(text.second)
    }

    var changes: Bool { first.count > 1 || second.count > 1 }

    /// The text at a call, counted from 0.
    ///
    /// A1111 compares its step counter, which starts at 0, with the last step of each text, which
    /// counts from 1 (`reconstruct_cond_batch`), so the first text holds one call longer than its
    /// number says. The same here.
    func text(at call: Int) -> PromptText {
        guard !first.isEmpty else { return text }
        var result = text
        result.first = PromptSchedule.text(first, at: call)
        result.second = PromptSchedule.text(second, at: call)
        return result
    }
}
