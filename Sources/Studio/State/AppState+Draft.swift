import Generation

extension AppState {
    /// What has to survive a crash.
    public var draft: Draft {
        var draft = Draft(
            prompt: prompt.editor.text, negative: negative.editor.text,
            request: parameters.request, seed: parameters.seed, count: parameters.count)
        draft.waiting = queue.lasting.map { WaitingJob($0) }
        draft.theme = look.name
        return draft
    }

    /// Takes a draft over; a backend that no longer exists is left out.
    public mutating func restore(_ draft: Draft) {
        prompt = PromptField(draft.prompt)
        negative = PromptField(draft.negative)
        takeParameters(of: draft)
        restore(draft.waiting)
    }

    mutating func takeParameters(of draft: Draft) {
        var request = draft.request
        if !backends.contains(where: { $0.id == request.backend }) {
            request.backend = parameters.request.backend
            request.model = nil
        }
        request.prompt = ""
        request.negativePrompt = nil
        request.seeds = []
        parameters.request = request
        parameters.seed = draft.seed
        parameters.count = max(1, draft.count)
    }

    private mutating func restore(_ waiting: [WaitingJob]) {
        guard !waiting.isEmpty else { return }
        for job in waiting {
            let replays = job.replays ?? []
            queue.append(
                job.request, randomSeeds: job.randomSeeds, parent: job.parent, replays: replays)
            for entry in replays { self.replays[entry] = EntryReplay(.waiting) }
        }
        queue.setPaused(true)
        let count = waiting.count
        status = StatusMessage(
            .information,
            "\(count) waiting \(count == 1 ? "job is" : "jobs are") back; Alt-p lets the queue go on"
        )
    }
}
