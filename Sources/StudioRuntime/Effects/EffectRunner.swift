import Foundation
import Generation
import Images
import Presets
import Screen
import Studio
import Synchronization

/// Carries effects out and reports back with events.
final class EffectRunner: Sendable {
    let dependencies: StudioDependencies
    let inbox: EventInbox
    let images: ImageStore
    private let running = Mutex<[Job.ID: Task<Void, Never>]>([:])
    /// Jobs that a service keeps: the end of the studio is not theirs.
    private let leaving = Mutex<Set<Job.ID>>([])
    let checking = Mutex<Task<Void, Never>?>(nil)
    private let watching = Mutex<Task<Void, Never>?>(nil)
    let thumbnails = Mutex<ThumbnailWork>(ThumbnailWork())

    init(_ dependencies: StudioDependencies, inbox: EventInbox, images: ImageStore) {
        self.dependencies = dependencies
        self.inbox = inbox
        self.images = images
    }

    /// Begins an effect; its result comes as an event.
    func perform(_ effect: Effect) {
        switch effect {
        case .describeBackend(let request): describe(request)
        case .start(let job, let parent): start(job, parent: parent)
        case .stop(let id): running.withLock { $0[id]?.cancel() }
        case .loadHistory:
            attempt("the history could not be read") { runner in
                let interrupted = try await runner.dependencies.journal.recoverInterrupted()
                runner.inbox.post(.history(try await runner.dependencies.journal.entries()))
                runner.inbox.post(.interrupted(interrupted))
                runner.inbox.post(.left(try await runner.leftJobs()))
            }
        case .annotate(let entry):
            attempt("the entry could not be changed") {
                try await $0.dependencies.journal.annotate(entry)
            }
        case .delete(let id):
            attempt("the entry could not be deleted") {
                try await $0.dependencies.journal.delete(id)
            }
        case .undelete(let entry):
            attempt("the entry could not be brought back") {
                try await $0.dependencies.journal.undelete(entry)
            }
        case .open(let entry, let action):
            attempt("the entry could not be read") { runner in
                runner.inbox.post(
                    .opened(try await runner.dependencies.journal.entry(entry), action))
            }
        case .compare(let entry, let parent):
            attempt("the entry it was made from could not be read") { runner in
                let journal = runner.dependencies.journal
                let comparison = EntryComparison(
                    try await journal.entry(entry), parent: try await journal.entry(parent))
                runner.inbox.post(.compared(comparison))
            }
        case .load(let entry, let index, _): load(entry, index)
        case .loadTheme(let name):
            attempt("the theme could not be read") { runner in
                runner.inbox.post(.look(try await runner.dependencies.library.look(name)))
            }
        case .loadPreset(let name, let request, let defaults):
            attempt("the preset could not be read") { runner in
                let filled = try await runner.dependencies.library.preset(
                    name, for: request, defaults: defaults)
                runner.inbox.post(.preset(name, filled))
            }
        case .savePreset(let name, let request):
            attempt("the preset could not be saved") { runner in
                let library = runner.dependencies.library
                let place = try await library.savePreset(name, request)
                runner.inbox.post(.library(await library.names()))
                runner.inbox.post(
                    .message(StatusMessage(.success, "Saved as \(printable(place))")))
            }
        case .loadLibrary: attempt("") { await $0.loadLibrary() }
        case .listFolder(let folder): list(folder)
        case .checkFiles(let request): checkFiles(of: request)
        case .showInputs(let inputs): show(inputs)
        case .copy(let text): attempt("") { await $0.dependencies.terminal.copy(text) }
        case .saveCopy(let picture, let path, let replaces): save(picture, path, replaces)
        case .exportSheet(let sheet, let path, let replaces): export(sheet, path, replaces)
        case .loadThumbnails(let entries): loadThumbnails(entries)
        case .difference(let first, let second, let gain): compare(first, second, gain)
        case .keepPictures(let names): images.keep(Set(names))
        case .openFolder(let entry, let index): openFolder(entry, index)
        case .planSweep(let text, let request, let begins):
            planSweep(text, request, begins: begins)
        case .drawSeed(let sheet): inbox.post(.sheet(sheet, seed: dependencies.drawSeed()))
        case .loadCell(let index, let entry, let side): loadCell(index, entry, side)
        case .reroll(let request, let draw, let parent): reroll(request, draw, parent)
        case .listDrafts: inbox.post(.leftDrafts(dependencies.drafts.left()))
        case .takeDraft(let name):
            if let draft = dependencies.drafts.take(name) { inbox.post(.draft(draft)) }
        case .saveDraft, .saveSheet, .countTokens, .redraw, .suspend, .quit, .openEditor: break
        }
    }

    /// Hands on what other processes write into the journal, until ``finish()``.
    func watchJournal() {
        watching.withLock {
            $0 = Task {
                for await change in await dependencies.journal.changes() {
                    inbox.post(.journalChanged(change.entries, gone: change.gone))
                }
            }
        }
    }

    /// Reads the names of styles, presets and themes; what adapters say of themselves follows where
    /// their files have to be opened for that.
    func loadLibrary() async {
        inbox.post(.library(await dependencies.library.names()))
        if let described = await dependencies.library.described() {
            inbox.post(.library(described))
        }
    }

    /// Stops all jobs and waits for them, at most three seconds. What a service has accepted goes
    /// on there: the journal knows its task, and `history resume` fetches the result.
    func finish() async {
        watching.withLock { $0?.cancel() }
        let kept = leaving.withLock { $0 }
        let tasks = running.withLock { jobs in
            jobs.filter { !kept.contains($0.key) }.map(\.value)
        }
        guard !tasks.isEmpty else { return }
        for task in tasks { task.cancel() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for task in tasks { await task.value } }
            group.addTask { try? await Task.sleep(for: .seconds(3)) }
            await group.next()
            group.cancelAll()
        }
    }

    func keep(_ task: Task<Void, Never>, for id: Job.ID) {
        running.withLock { $0[id] = task }
    }

    func leaveAtEnd(_ id: Job.ID) {
        leaving.withLock { _ = $0.insert(id) }
    }

    func forget(_ id: Job.ID) {
        running.withLock { $0[id] = nil }
        leaving.withLock { _ = $0.remove(id) }
    }

    /// Does something in the background; a failure is told in the status line.
    func attempt(
        _ failure: String, _ body: @escaping @Sendable (EffectRunner) async throws -> Void
    ) {
        Task {
            do {
                try await body(self)
            } catch {
                inbox.post(.message(StatusMessage(.problem, Self.sentence(failure, error))))
            }
        }
    }

    /// What failed and why, in one line.
    static func sentence(_ what: String, _ error: any Error) -> String {
        let reason =
            switch error {
            case let error as InvalidRequest:
                error.problems.map(\.labelled).joined(separator: "; ")
            case let error as PromptExpansionError where error.field == .prompt: error.reason
            case let error as PromptExpansionError: "\(error.field.label): \(error.reason)"
            default: (error as? any UserFacingError)?.description ?? "\(error)"
            }
        return what.isEmpty ? printable(reason) : "\(what): \(printable(reason))"
    }

    private func describe(_ request: GenerationRequest) {
        let request = request.withAbsolutePaths(in: dependencies.workingFolder)
        guard let generator = generator(for: request) else { return }
        Task {
            inbox.post(.vocabulary(generator.id, dependencies.vocabulary(request)))
            do {
                async let capabilities = generator.capabilities(for: request)
                async let defaults = generator.defaults(for: request)
                inbox.post(
                    .backend(generator.id, .known(try await capabilities, try await defaults)))
            } catch {
                inbox.post(.backend(generator.id, .failed(Self.sentence("", error))))
            }
        }
    }

    /// The backend of a request; the one at `server` where that was named.
    func generator(
        for request: GenerationRequest, at server: String? = nil
    ) -> (any ImageGenerator)? {
        if let server { return dependencies.elsewhere(request.backend, server) }
        return dependencies.generators.first { $0.id == request.backend }
    }

    private func load(_ entry: String, _ index: Int) {
        attempt("the picture could not be read") { runner in
            let image: PixelImage
            do {
                image = try await runner.dependencies.journal.picture(index, of: entry)
            } catch {
                runner.inbox.post(.pictureLost(entry: entry, index: index))
                throw error
            }
            let reference = runner.images.store(image, as: "entry \(entry) \(index)")
            runner.inbox.post(.picture(entry: entry, index: index, reference))
        }
    }
}
