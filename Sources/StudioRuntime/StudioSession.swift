import CTerminal
import Generation
import Screen
import Studio

/// Opens the studio and returns when it is left. The terminal is restored on every way out.
public func runStudio(_ dependencies: StudioDependencies) async throws {
    lt_return_memory()
    var backends = dependencies.generators.map { generator in
        let id = generator.id
        var backend = Backend(id: id, models: dependencies.models[id] ?? [])
        backend.parallelJobs = max(1, dependencies.parallelJobs[id] ?? 1)
        return backend
    }
    if let wanted = dependencies.defaultBackend,
        let index = backends.firstIndex(where: { $0.id == wanted })
    {
        backends.insert(backends.remove(at: index), at: 0)
    }
    let draft = dependencies.drafts.load()
    var state = AppState(
        backends: backends, prompt: dependencies.firstPrompt, keymap: dependencies.keymap)
    state.look = await dependencies.look(preferring: draft?.theme)
    state.history.session = dependencies.session
    state.timeZone = dependencies.timeZone
    state.showsPictures = dependencies.pictures.showsPictures
    state.showsThumbnails = dependencies.pictures.showsThumbnails
    state.textPixels = dependencies.pictures.pixelsOfTextCell
    if let draft { state.restore(draft) }
    if let sheet = dependencies.drafts.loadSheet() { state.restore(sheet) }
    state.pictureNotice =
        state.showsPictures ? dependencies.pictureNotice : "Pictures are off (--graphics none)"
    if let notice = dependencies.notice {
        let parts = [notice, state.status?.text].compactMap { $0 }
        state.status = StatusMessage(.warning, parts.joined(separator: "; "))
    }
    let store = StudioStore(dependencies, state: state)
    let reader = Task.detached { await store.read(dependencies.terminal.events) }
    await store.run()
    await dependencies.terminal.close()
    reader.cancel()
    store.stopThread()
}

extension StudioDependencies {
    /// The look to start with; the built-in one when no theme can be read.
    fileprivate func look(preferring drafted: String?) async -> Look {
        for name in [drafted, theme].compactMap({ $0 }) {
            if let look = try? await library.look(name) { return look }
        }
        return Look()
    }
}
