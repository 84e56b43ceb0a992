import Generation
import History
import Studio

extension EffectRunner {
    /// Runs the entries of a replay one after the other, and tells how each compares.
    func replay(_ job: Job) async {
        for entry in job.replays.dropFirst(job.replayed) where !Task.isCancelled {
            report(job, .replaying(entry: entry))
            do {
                let replay = try await replay(entry, job)
                report(job, .replayed(entry: entry, replay))
            } catch is CancellationError {
                break
            } catch {
                let reason = Self.sentence("", error)
                report(
                    job, .replayed(entry: entry, EntryReplay(.cannot, reason, details: [reason])))
            }
        }
        report(job, Task.isCancelled ? .cancelled : .finished(GenerationSummary()))
    }

    private func replay(_ entry: String, _ job: Job) async throws -> EntryReplay {
        let item = try await dependencies.journal.replayItem(entry)
        guard let generator = generator(for: item.request) else {
            throw UnknownBackend(name: item.request.backend)
        }
        let replayer = Replayer(
            Replayer.Surroundings(engine: dependencies.engine(), files: dependencies.files))
        var pictures: [Int: ImageReference] = [:]
        let result = try await replayer.replay(item, with: generator) { event in
            switch event {
            case .stage(let stage): report(job, .stage(stage))
            case .image(let image):
                pictures[image.index] = images.store(
                    image.image, as: "replay \(entry) \(image.index)")
            default: break
            }
        }
        let replay = EntryReplay(result, pictures: pictures)
        for (_, picture) in pictures where picture != replay.picture { images.remove(picture.id) }
        return replay
    }
}

extension EntryReplay {
    /// The verdict over an entry: that of its worst picture.
    init(_ result: ReplayResult, pictures: [Int: ImageReference]) {
        let ranks: [ReplayVerdict.Kind] = [.identical, .close, .unverifiable, .different]
        let worst = result.verdicts.max {
            (ranks.firstIndex(of: $0.kind) ?? 0) < (ranks.firstIndex(of: $1.kind) ?? 0)
        }
        guard let worst else {
            self.init(.cannot, "it gave no picture", details: ["it gave no picture"])
            return
        }
        let state: State =
            switch worst.kind {
            case .identical: .identical
            case .close: .close
            case .different: .different
            case .unverifiable: .cannot
            }
        let details = result.verdicts.map { verdict in
            let place = result.verdicts.count > 1 ? "picture \(verdict.index + 1): " : ""
            return printable(place + verdict.text)
        }
        self.init(
            state, Self.short(worst, of: result.verdicts), details: details,
            picture: state == .identical ? nil : pictures[worst.index])
    }

    /// What stands behind the verdict in one line.
    private static func short(_ worst: ReplayVerdict, of verdicts: [ReplayVerdict]) -> String {
        var parts: [String] = []
        if let psnr = worst.psnr { parts.append("PSNR \(Double(Int(psnr * 10)) / 10) dB") }
        let others = verdicts.count { $0.kind != .identical }
        if verdicts.count > 1, others > 0 {
            parts.append("\(others) of \(verdicts.count) pictures")
        }
        switch worst.kind {
        case .identical:
            let original = worst.original
            if original == .missing { parts.append("the file is gone") }
            if original == .changed { parts.append("the file was changed since") }
        case .close, .different: parts.append(worst.reasons.first ?? "no recorded reason")
        case .unverifiable: parts.append("no checksum is recorded")
        }
        return printable(parts.joined(separator: ", "), limit: 200)
    }
}
