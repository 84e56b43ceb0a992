import Generation
import Screen

@testable import Studio

/// A studio without a terminal: keys and events go in, the screen and the effects come out.
struct StudioDriver {
    var state: AppState
    /// Effects since the last call of ``takeEffects()``, without the saving of drafts.
    var effects: [Effect] = []

    /// A studio with the given backends on a screen of 80x24.
    init(prompt: String = "", backends: [String] = ["fake"], width: Int = 80, height: Int = 24) {
        state = AppState(backends: backends.map { Backend(id: $0) }, prompt: prompt)
        send(.terminal(.resized(Size(width: width, height: height), cellPixels: nil)))
        for backend in backends { describe(backend) }
        effects = []
    }

    /// Everything is supported, as by the fake.
    mutating func describe(
        _ backend: String, fields: [RequestField: FieldSupport] = [:],
        defaults: RequestDefaults = RequestDefaults(width: 256, height: 256, steps: 12)
    ) {
        var all = Dictionary(
            uniqueKeysWithValues: RequestField.allCases.map { ($0, FieldSupport.any) })
        all.merge(fields) { $1 }
        let capabilities = GeneratorCapabilities(fields: all, maximumCount: 8, canCancel: true)
        send(.backend(backend, .known(capabilities, defaults)))
    }

    mutating func send(_ event: AppEvent) {
        effects += state.update(event).filter { $0 != .saveDraft }
    }

    /// Presses keys by their names.
    mutating func press(_ names: String...) {
        for name in names {
            guard let key = KeyEvent(name: name) else { continue }
            send(.terminal(.key(key)))
        }
    }

    /// Types a text character by character.
    mutating func type(_ text: String) {
        for character in text { send(.terminal(.key(KeyEvent(character)))) }
    }

    mutating func perform(_ action: ActionID) {
        effects += state.perform(action).filter { $0 != .saveDraft }
        // What an event would have adjusted afterwards.
        send(.tick(at: state.now))
    }

    mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    var screen: Frame { StudioView.render(state) }

    /// An entry as a journal would give it.
    static func entry(_ id: String, _ prompt: String, seed: UInt64 = 7, date: Double = 0)
        -> HistoryEntry
    {
        var request = GenerationRequest(prompt: prompt)
        request.backend = "fake"
        request.seeds = [seed]
        request.width = 256
        request.height = 192
        request.steps = 12
        return HistoryEntry(
            id: id, date: date, request: request, status: .finished,
            pictures: [.init(path: nil, seed: seed, width: 256, height: 192)])
    }
}
