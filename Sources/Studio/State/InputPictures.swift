import Generation
import Screen

/// A picture that the selected parameter names, as it is shown beside the value.
public struct InputPicture: Hashable, Sendable {
    /// What is shown of the file.
    public enum Look: Hashable, Sendable {
        case plain
        /// The part that is repainted, marked in the picture that it belongs to; nil: the mask alone.
        case mask(of: String?)
        /// What a preprocessor makes of it in the size of the run, where that is known.
        case control(preprocessor: String, size: Size?)
    }

    /// The file, as it was typed.
    public let path: String
    public let look: Look

    public init(path: String, look: Look = .plain) {
        self.path = path
        self.look = look
    }
}

/// What became of reading an ``InputPicture``.
public enum InputPictureContent: Hashable, Sendable {
    /// The picture, and a few words on it.
    case image(ImageReference, note: String)
    /// Why there is none.
    case problem(String)
}

/// The pictures of the selected parameter.
public struct InputPictures: Hashable, Sendable {
    /// In the order in which they stand in the value; empty: the run's picture is shown.
    public internal(set) var wanted: [InputPicture] = []
    /// What was read of them.
    public internal(set) var found: [InputPicture: InputPictureContent] = [:]

    public init() {}
}

extension AppState {
    /// Asks for the pictures of the selected parameter that have not been read; those of a parameter
    /// that is left are forgotten, so that a changed file is read again.
    mutating func wantedInputs() -> [Effect] {
        let wanted = namedPictures
        guard wanted != inputs.wanted else { return [] }
        inputs.wanted = wanted
        inputs.found = inputs.found.filter { wanted.contains($0.key) }
        let missing = wanted.filter { inputs.found[$0] == nil }
        return missing.isEmpty ? [] : [.showInputs(missing)]
    }

    mutating func learn(_ content: InputPictureContent, of input: InputPicture) {
        if inputs.wanted.contains(input) { inputs.found[input] = content }
    }

    /// The pictures that the selected parameter names, or would name with the file that the popup
    /// points at; none while a run is under way, whose own picture is news.
    private var namedPictures: [InputPicture] {
        guard focus == .parameters, layers.isEmpty, queue.running.isEmpty, showsPictures,
            reason(against: parameters.selection) == nil,
            StudioLayout(self).panes[.preview] != nil
        else { return [] }
        let request = requestWithTypedValue
        let start = request.initImage
        var found: [InputPicture] = []
        switch parameters.selection {
        case .initImage, .strength, .outpaint:
            found = start.map { [InputPicture(path: $0)] } ?? []
        case .maskImage, .maskFeather, .maskPadding:
            found = request.maskImage.map { [InputPicture(path: $0, look: .mask(of: start))] } ?? []
        case .controls: found = request.controls.map { picture(of: $0) }
        case .imagePrompts:
            found = request.imagePrompts.flatMap { prompt in
                [InputPicture(path: prompt.image)]
                    + (prompt.mask.map { [InputPicture(path: $0, look: .mask(of: nil))] } ?? [])
            }
        default: break
        }
        return Array(found.prefix(Self.mostInputs))
    }

    /// More are not told apart.
    private static let mostInputs = 9

    private func picture(of control: ControlReference) -> InputPicture {
        guard let name = control.preprocessor, name != "none" else {
            return InputPicture(path: control.image)
        }
        let filled = filledRequest
        var size: Size?
        if let width = filled.width, let height = filled.height {
            size = Size(width: width, height: height)
        }
        return InputPicture(path: control.image, look: .control(preprocessor: name, size: size))
    }

    /// The parameters with what is being typed; what cannot be read yet changes nothing.
    private var requestWithTypedValue: GenerationRequest {
        var request = parameters.request
        guard var editing = parameters.editing else { return request }
        if let completion, completion.pane == .parameters, completion.chosen.kind == .file {
            editing.editor.replace(
                completion.range, with: completion.chosen.insertion ?? completion.chosen.name)
        }
        let text = editing.text
        switch parameters.selection {
        case .initImage: request.initImage = text.isEmpty ? nil : text
        case .maskImage: request.maskImage = text.isEmpty ? nil : text
        case .controls, .imagePrompts:
            _ = ParameterText.store(text, as: parameters.selection, in: &request)
        default: break
        }
        return request
    }
}
