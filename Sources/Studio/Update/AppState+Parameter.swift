import Generation
import Screen

extension AppState {
    /// Keys while a value is typed, and those that begin typing.
    ///
    /// - Returns: nil when the key is not meant for the value.
    mutating func pressInParameter(_ key: KeyEvent) -> [Effect]? {
        guard parameters.editing != nil else { return beginTyping(key) }
        if let effects = pressInCompletion(key) { return effects }
        switch key.key {
        case .enter, .tab, .up, .down:
            commitParameter()
            if key.key == .enter || parameters.editing != nil { return [] }
            return nil
        case .escape:
            parameters.editing = nil
            parameters.problem = nil
            return []
        default:
            if parameters.editing?.handle(key) == true {
                parameters.problem = nil
                return []
            }
            return nil
        }
    }

    private mutating func beginTyping(_ key: KeyEvent) -> [Effect]? {
        guard key.modifiers.isEmpty, case .character(let character) = key.key,
            character.isNumber || "-.".contains(character)
        else { return nil }
        switch kind(of: parameters.selection) {
        case .integer, .number, .text: break
        case .choice: if parameters.selection != .size { return nil }
        }
        guard reason(against: parameters.selection) == nil || parameters.selection == .seed else {
            return []
        }
        parameters.editing = LineEditor(String(character))
        return []
    }

    /// Takes the typed value; when it is not accepted, it stays with the reason.
    mutating func commitParameter() {
        guard let editing = parameters.editing else { return }
        parameters.problem = set(parameters.selection, to: editing.text)
        if let problem = parameters.problem {
            // The pane is narrow.
            status = StatusMessage(.problem, "\(parameters.selection.label): \(problem)")
        } else {
            parameters.editing = nil
        }
    }

    mutating func pasteIntoParameter(_ text: String) {
        guard reason(against: parameters.selection) == nil || parameters.selection == .seed else {
            return
        }
        if parameters.editing == nil { parameters.editing = LineEditor() }
        parameters.editing?.paste(text)
        parameters.problem = nil
    }

    /// Begins to change the selected value: a list for choices, typing for the rest.
    mutating func editParameter() {
        let parameter = parameters.selection
        if let reason = reason(against: parameter), parameter != .seed {
            status = StatusMessage(.warning, "\(parameter.label): \(reason)")
            return
        }
        if case .choice(let choices) = kind(of: parameter) {
            choose(parameter, choices)
        } else {
            parameters.editing = LineEditor(value(of: parameter))
        }
    }

    /// Opens the list of a parameter.
    mutating func choose(_ parameter: ParameterID) {
        if case .choice(let choices) = kind(of: parameter) {
            choose(parameter, choices)
        } else {
            setFocus(.parameters)
            parameters.selection = parameter
            parameters.editing = LineEditor(value(of: parameter))
        }
    }

    private mutating func choose(_ parameter: ParameterID, _ choices: [ParameterKind.Choice]) {
        let items = choices.map { Picker.Item(id: $0.value, title: $0.title, detail: $0.detail) }
        layers.append(
            .picker(
                Picker(title: parameter.label, items: items, selected: value(of: parameter)),
                .parameter(parameter)))
    }

    /// Takes the parameters over that a preset filled in; what the backend does not accept is told.
    mutating func apply(preset name: String, _ request: GenerationRequest) {
        var request = request
        request.prompt = ""
        request.seeds = []
        parameters.request = request
        let problems = backend?.capabilities.map { filledRequest.problems(for: $0) } ?? []
        status =
            problems.isEmpty
            ? StatusMessage(.success, "Preset \(name) is set")
            : StatusMessage(.warning, "Preset \(name): \(problems[0].labelled)")
    }

    /// Actions of the parameters pane and on settings; nil when the action is none of these.
    mutating func performOnSettings(_ action: ActionID) -> [Effect]? {
        switch action {
        case .choosePreset: layers.append(picker("Preset", library.presets, .preset))
        case .savePreset:
            layers.append(.input(LineEditor(), .savePreset, title: "Name of the preset"))
        case .chooseTheme:
            layers.append(picker("Theme", library.themes, .theme(before: look.name), look.name))
        case .chooseStyle: choose(.style)
        case .chooseSize: choose(.size)
        case .chooseSampler: choose(.sampler)
        case .chooseBackend:
            choose(.backend)
            if backends.count == 1 {
                status = StatusMessage(
                    .information, "Nothing else is set up; see `latent backends list`")
            }
        case .chooseModel: choose(.model)
        case .lockSeed: lockSeed()
        case .recallSeed: recallSeed()
        case .incrementSeed:
            parameters.seed.mode = parameters.seed.mode == .increment ? .fixed : .increment
        case .parameterUp: selectParameter(-1)
        case .parameterDown: selectParameter(1)
        case .parameterPageUp: selectParameter(-10)
        case .parameterPageDown: selectParameter(10)
        case .parameterTop: selectParameter(-ParameterID.allCases.count)
        case .parameterBottom: selectParameter(ParameterID.allCases.count)
        case .findParameter: layers.append(parameterPicker)
        case .parameterLess: adjustParameter(-1)
        case .parameterMore: adjustParameter(1)
        case .editParameter: editParameter()
        case .resetParameter:
            if let problem = set(parameters.selection, to: "") {
                status = StatusMessage(.warning, "\(parameters.selection.label): \(problem)")
            }
        default: return nil
        }
        return []
    }

    /// All parameters with what they are set to and what they do.
    private var parameterPicker: Layer {
        let items = ParameterID.allCases.map { parameter in
            let value =
                reason(against: parameter) ?? onlyChoice(of: parameter) ?? value(of: parameter)
            let set = value.isEmpty ? "" : "\(value) · "
            return Picker.Item(
                id: parameter.rawValue, title: parameter.label, detail: set + parameter.hint)
        }
        return .picker(
            Picker(
                title: "Find parameter", items: items, selected: parameters.selection.rawValue),
            .findParameter)
    }

    private func picker(
        _ title: String, _ entries: [Library.Entry], _ choice: Layer.Choice,
        _ selected: String? = nil
    ) -> Layer {
        let items = entries.map { Picker.Item(id: $0.name, title: $0.name, detail: $0.summary) }
        return .picker(Picker(title: title, items: items, selected: selected), choice)
    }

    private mutating func lockSeed() {
        if parameters.seed.mode == .random {
            if !lastSeeds.isEmpty { parameters.seed = SeedSetting(exactly: lastSeeds) }
            parameters.seed.mode = .fixed
            status = StatusMessage(.information, "Seed \(parameters.seed.value) is kept")
        } else {
            parameters.seed.mode = .random
            status = StatusMessage(.information, "A new seed is drawn for each run")
        }
    }

    private mutating func recallSeed() {
        guard !lastSeeds.isEmpty else { return }
        let index = preview.images.indices.contains(preview.selection) ? preview.selection : 0
        parameters.seed.value = lastSeeds.indices.contains(index) ? lastSeeds[index] : lastSeeds[0]
        if parameters.seed.mode == .random { parameters.seed.mode = .fixed }
        status = StatusMessage(.information, "Seed \(parameters.seed.value) of the last run")
    }

    private mutating func selectParameter(_ offset: Int) {
        let all = ParameterID.allCases
        let index = all.firstIndex(of: parameters.selection) ?? 0
        parameters.selection = all[max(0, min(all.count - 1, index + offset))]
        parameters.problem = nil
    }

    private mutating func adjustParameter(_ offset: Int) {
        let parameter = parameters.selection
        if let reason = reason(against: parameter), parameter != .seed {
            status = StatusMessage(.warning, "\(parameter.label): \(reason)")
        } else if let problem = adjust(parameter, by: offset) {
            status = StatusMessage(.warning, "\(parameter.label): \(problem)")
        }
    }
}
